import { useSignal } from "@preact/signals";

import type { TurnRecord } from "../../src/workbench/wire/turns.ts";
import { html } from "../html.ts";
import { copied } from "../parts/copying.ts";
import { workbench } from "../session/workbench-link.ts";
import { CallsView, WaitsView } from "./calls-view.ts";
import { figures } from "./figures.ts";
import { JsonView, Section } from "./json-view.ts";
import { RouterView } from "./router-view.ts";

interface RecordViewProps {
  record: TurnRecord;
  /** Opens a prompt in the editor. */
  edit: (prompt: string) => void;
}

/** A turn's inputs and results. */
export function RecordView({ record, edit }: RecordViewProps) {
  const { turn, cost, first_word_ms, steps, tool_calls, waits, reasoning, prompts, memory, request, router } = record;
  const known = figures(turn, cost, first_word_ms);
  return html`<section class="record" aria-label="Record of the turn">
    <h3 dir="auto">${turn.query}</h3>
    <p class="about">
      ${known.map(({ title, text }, at) => html`${at > 0 && " · "}<span class="figure">${title} ${text}</span>`)}
    </p>
    <${Section} title="What the router saw" isOpen=${true}><${RouterView} router=${router} /><//>
    <${Section} title="Answer"><p class="answer-text" dir="auto">${turn.response ?? ""}</p><//>
    ${reasoning && html`<${Section} title="Reasoning"><p class="answer-text" dir="auto">${reasoning}</p><//>`}
    <${Section} title=${`Steps (${steps.length})`}>
      ${steps.map(({ name, finding }) => html`<${JsonView} key=${name} title=${name} value=${finding} />`)}
    <//>
    ${tool_calls.length > 0 && html`<${CallsView} calls=${tool_calls} />`}
    ${waits.length > 0 && html`<${WaitsView} waits=${waits} />`}
    <${Section} title=${`Prompts (${prompts.length})`}>
      ${prompts.map(
        ({ name, hash, source }) => html`<details key=${name}>
          <summary>${name} <code class="hash">${hash}</code></summary>
          <pre tabindex="0">${source}</pre>
          <button type="button" onClick=${() => edit(name)}>Edit this prompt</button>
        </details>`,
      )}
    <//>
    <${JsonView} title="Memory" value=${memory} isOpen=${false} />
    <${JsonView} title="Request" value=${request} isOpen=${false} />
    <${Copying} turnId=${turn.turn_id} />
  </section>`;
}

/** Copies the turn as a dataset line. If the browser does not allow copying, shows the line. */
function Copying({ turnId }: { turnId: string }) {
  const said = useSignal("");
  async function copy() {
    try {
      const { line } = await workbench.push<{ line: string }>("get_dataset_line", { turn_id: turnId });
      said.value = (await copied(line)) ? "Copied." : line;
    } catch (refusal) {
      said.value = (refusal as Error).message;
    }
  }
  return html`<div class="choices">
    <button type="button" onClick=${copy}>Copy as dataset line</button>
    <p class="about" role="status">${said.value}</p>
  </div>`;
}
