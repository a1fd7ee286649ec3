import type { TurnState } from "conversation-channel-client";

import { html } from "../html.ts";
import { ValueView } from "../parts/value-view.ts";
import { engineName } from "../session/engines.ts";
import { stepsOf } from "./times.ts";

const deciders: Record<string, string> = {
  local: "chosen locally",
  model: "chosen by the model",
  client: "chosen by you",
  rule: "chosen by a rule",
};

/** Why the engine was chosen, and what its steps found. */
export function Trail({ turn }: { turn: TurnState }) {
  const { conversation_type, routing } = turn;
  const found = stepsOf(turn).filter(({ status }) => status !== "running");
  if (!conversation_type || !routing) return undefined;
  const { decided_by, confidence, reason } = routing;
  const sure = decided_by === "client" ? "" : `, ${Math.round(confidence * 100)} % sure`;
  return html`<details class="trail">
    <summary class="why">${deciders[decided_by] ?? decided_by}${sure}${reason && `: ${reason}`}</summary>
    ${found.map(
      ({ step, status, detail }, index) => html`<div class="finding" key=${index}>
        <p class="label">${engineName(step)}${status === "failed" && " failed; the answer does without it"}</p>
        ${status === "finished" && html`<${ValueView} value=${detail} />`}
      </div>`,
    )}
  </details>`;
}
