import type { RequestPart } from "conversation-channel-client";

import { html } from "../../html.ts";
import { Icon } from "../../parts/icon.ts";
import { ValueBlock } from "../../parts/value-block.ts";
import { answerGiven } from "../../session/answers.ts";
import { requestOf, wordsOf } from "../requests/request-kind.ts";

interface AnsweredRowProps {
  turnId: string;
  request: RequestPart;
}

/** A question that does not wait any more: it was answered, here or on another device, or its turn ended first. */
export function AnsweredRow({ turnId, request: { interrupt_id, value, status } }: AnsweredRowProps) {
  const given = answerGiven(turnId, interrupt_id);
  const request = requestOf(value);
  const isClosed = status === "closed";
  const isOurs = given?.state === "sent" || given?.state === "sending";
  const name = isClosed ? "Not answered" : isOurs ? given.words : "Answered on another device";
  return html`<details class=${`tool ${isClosed ? "failed" : "finished"}`}>
    <summary>
      <span class="state"><${Icon} name=${isClosed ? "failed" : "done"} /></span>
      <span class="name">${name}</span>
      <span class="line" dir="auto">${request.kind === "approval" ? request.actions.map((action) => action.name).join(", ") : wordsOf(request)}</span>
    </summary>
    <div class="inside">
      ${given?.problem && html`<p class="refusal">${given.problem}</p>`}
      <${ValueBlock} label="Question" value=${value} />
    </div>
  </details>`;
}
