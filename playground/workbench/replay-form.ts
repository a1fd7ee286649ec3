import { useSignal } from "@preact/signals";

import type { TurnRecord } from "../../src/workbench/wire/turns.ts";
import { html } from "../html.ts";
import { graphs } from "./data/graphs.ts";
import { prompts } from "./data/prompts.ts";
import { replays } from "./data/replays.ts";
import { chosenPrompts, PromptChoices } from "./prompt-choices.ts";
import { SamplingFields, samplingOf } from "./sampling-fields.ts";

/** The form for a replay: prompts, model, settings and the node to start from. */
export function ReplayForm({ record }: { record: TurnRecord }) {
  const refused = useSignal<ReadonlySet<string>>(new Set());
  const problem = useSignal("");
  const { turn, nodes, tool_calls } = record;
  const hasTools = tool_calls.length > 0 || graphs.named(turn.conversation_type ?? "")?.is_stock;

  async function run(event: SubmitEvent) {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const from = String(form.get("from") ?? "");
    const chosen = chosenPrompts(record, refused.value);
    problem.value = "";
    try {
      await replays.start({
        turn_id: turn.turn_id,
        prompts: Object.fromEntries(chosen.map((name) => [name, prompts.source(name)])),
        llm_config: samplingOf(form),
        ...(form.get("tools") === "live" && { tools: "live" as const }),
        ...(from && { from }),
      });
    } catch (refusal) {
      problem.value = (refusal as Error).message;
    }
  }

  return html`<form class="replay-form" aria-label="Replay" onSubmit=${run}>
    <h3>Replay</h3>
    <${PromptChoices} record=${record} refused=${refused} />
    <div class="settings">
      <${SamplingFields} nothing="as before" />
      <label>
        <span>from</span>
        <select name="from">
          <option value="">the beginning</option>
          ${nodes.slice(1).map((node) => html`<option key=${node} value=${node}>${node}</option>`)}
        </select>
      </label>
      ${
        hasTools &&
        html`<label>
          <span>tools</span>
          <select name="tools">
            <option value="recorded">results of the turn</option>
            <option value="live">live: run them</option>
          </select>
        </label>`
      }
    </div>
    <p class="problem" role="alert">${problem.value}</p>
    <button class="primary" type="submit">Run replay</button>
  </form>`;
}
