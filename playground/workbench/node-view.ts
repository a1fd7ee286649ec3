import { html } from "../html.ts";
import { duration } from "../parts/duration.ts";
import type { Run } from "./data/run.ts";
import { JsonView } from "./json-view.ts";
import { type TimelineRow, titleOf } from "./timeline.ts";

/** What went in and out in each run of a node or call of a tool, or what was asked and answered. */
export function NodeView({ row }: { row: TimelineRow }) {
  const { kind, runs } = row;
  const [input, output] = kind === "wait" ? ["Asked", "Answered"] : ["Input", "Output"];
  return html`<section aria-label="Input and output">
    <h3>${titleOf(row)}</h3>
    ${runs.length === 0 && html`<p class="about">This node did not run.</p>`}
    ${runs.map(
      (run) => html`<div key=${run.id} class="run">
        <p class="about">${took(run)}</p>
        ${run.error !== undefined && html`<p class="problem">${run.error}</p>`}
        <${JsonView} title=${input} value=${run.input} />
        ${hasOutput(run) && html`<${JsonView} title=${output} value=${run.output} />`}
      </div>`,
    )}
  </section>`;
}

function hasOutput({ kind, state, output }: Run): boolean {
  if (state === "running" || state === "waiting") return false;
  return kind === "node" || output !== undefined;
}

function took({ kind, state, ms }: Run): string {
  if (kind === "wait") return ms === undefined ? "waits" : `waited for ${duration(ms)}`;
  if (state === "waiting") return "waits for a person";
  return ms === undefined ? state : `${state} after ${duration(ms)}`;
}
