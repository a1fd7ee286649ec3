import { html } from "../html.ts";
import { duration } from "../parts/duration.ts";
import type { Run } from "./data/run-log.ts";
import { JsonView } from "./json-view.ts";

/** The input and output of each run of a node. */
export function NodeView({ node, runs }: { node: string; runs: readonly Run[] }) {
  return html`<section aria-label="Input and output">
    <h3>${node}</h3>
    ${runs.length === 0 && html`<p class="about">This node did not run.</p>`}
    ${runs.map(
      ({ id, state, input, output, error, ms }) => html`<div key=${id} class="run">
        <p class="about">${ms === undefined ? state : `${state} after ${duration(ms)}`}</p>
        ${error !== undefined && html`<p class="problem">${error}</p>`}
        <${JsonView} title="Input" value=${input} />
        ${state !== "running" && html`<${JsonView} title="Output" value=${output} />`}
      </div>`,
    )}
  </section>`;
}
