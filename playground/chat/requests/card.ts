import type { RequestPart } from "conversation-channel-client";

import { html } from "../../html.ts";
import { isComposing } from "../../parts/composing.ts";
import { answerGiven, respond } from "../../session/answers.ts";
import { ApprovalForm } from "./approval-form.ts";
import { QuestionForm } from "./question-form.ts";
import { type Request, requestOf, type Send } from "./request-kind.ts";
import { ValueForm } from "./value-form.ts";

interface CardProps {
  turnId: string;
  request: RequestPart;
}

/** A question to a person, with what answers it. */
export function Card({ turnId, request: { interrupt_id, value } }: CardProps) {
  const given = answerGiven(turnId, interrupt_id);
  const isUnderWay = given?.state === "sending" || given?.state === "sent";
  const request = requestOf(value);
  const send: Send = (answer, words) => void respond(turnId, [{ interrupt_id, value: answer, words }]);

  return html`<div
    class="request"
    role="group"
    aria-label=${titleOf(request)}
    aria-busy=${isUnderWay}
    tabindex="-1"
    data-interrupt-id=${interrupt_id}
    onKeyDown=${keepEscape}
  >
    <fieldset disabled=${isUnderWay}>
      ${request.kind === "approval" && html`<${ApprovalForm} request=${request} send=${send} />`}
      ${request.kind === "question" && html`<${QuestionForm} request=${request} send=${send} />`}
      ${request.kind === "value" && html`<${ValueForm} value=${request.value} send=${send} />`}
    </fieldset>
    <p class="refusal" role="alert">${given?.problem}</p>
    <p class="quiet said" role="status">${isUnderWay && `${given.words}. ${given.state === "sent" ? "Sent." : "Sending…"}`}</p>
  </div>`;
}

function titleOf(request: Request): string {
  if (request.kind === "question") return "Question";
  return request.kind === "approval" ? "Approval needed" : "Answer needed";
}

/** Escape would stop the turn. */
function keepEscape(event: KeyboardEvent): void {
  if (event.key === "Escape" && !isComposing(event)) event.preventDefault();
}
