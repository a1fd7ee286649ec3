import type { RequestPart } from "conversation-channel-client";

import { html } from "../../html.ts";
import { ValueBlock } from "../../parts/value-block.ts";
import { answerGiven } from "../../session/answers.ts";
import { requestOf, wordsOf } from "../requests/request-kind.ts";

interface AnsweredRowProps {
  turnId: string;
  request: RequestPart;
}

/** A question that has its answer, from here or from another device. */
export function AnsweredRow({ turnId, request: { interrupt_id, value } }: AnsweredRowProps) {
  const given = answerGiven(turnId, interrupt_id);
  const isOurs = given?.state === "sent" || given?.state === "sending";
  return html`<details class="tool finished answered">
    <summary>
      <span class="state" aria-hidden="true"></span>
      <span class="name">${isOurs ? given.words : "Answered on another device"}</span>
      <span class="line" dir="auto">${wordsOf(requestOf(value))}</span>
    </summary>
    <div class="inside">
      ${given?.problem && html`<p class="refusal">${given.problem}</p>`}
      <${ValueBlock} label="Question" value=${value} />
    </div>
  </details>`;
}
