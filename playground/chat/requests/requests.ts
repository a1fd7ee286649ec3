import type { RequestPart, TurnState } from "conversation-channel-client";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { html } from "../../html.ts";
import { type Answer, answerGiven, respond } from "../../session/answers.ts";
import { follows, toEnd } from "../../session/scrolling.ts";
import { openRequests } from "../../session/waiting.ts";
import { announce } from "../announcements.ts";
import { Card } from "./card.ts";
import { requestOf, wordsOf } from "./request-kind.ts";

/** More cards come up once these are answered. */
const maxCards = 10;

/** The questions of a turn that waits, each as a card. */
export function Requests({ turn }: { turn: TurnState }) {
  const root = useRef<HTMLElement>(null);
  const open = openRequests(turn);
  const ids = open.map(({ interrupt_id }) => interrupt_id).join();
  const { turn_id = "" } = turn;
  const approvals = open.flatMap((request) => approvalOf(request, turn_id));
  useFocus(root, ids);
  useBeginning(root, open.length > 0);
  useEffect(() => {
    const [first] = open;
    if (!first) return;
    const count = open.length === 1 ? "" : ` One of ${open.length} questions:`;
    announce(`The answer waits for you.${count} ${wordsOf(requestOf(first.value))}`);
  }, [ids]);

  return html`<section class="requests" ref=${root} aria-label="Waiting for you" hidden=${open.length === 0}>
    ${
      open.length > 1 &&
      html`<div class="row">
        <p class="quiet">${open.length} questions wait. The answer goes on once all have an answer.</p>
        ${
          approvals.length > 1 &&
          html`<button type="button" class="approve-all" onClick=${() => respond(turn_id, approvals)}>
            Approve all ${approvals.length}
          </button>`
        }
      </div>`
    }
    ${open
      .slice(0, maxCards)
      .map((request) => html`<${Card} key=${request.interrupt_id} turnId=${turn_id} request=${request} />`)}
    ${open.length > maxCards && html`<p class="quiet">And ${open.length - maxCards} more.</p>`}
  </section>`;
}

/** Approval of all that a request asks, unless it was answered here or may not be approved as it is. */
function approvalOf({ interrupt_id, value }: RequestPart, turnId: string): Answer[] {
  const request = requestOf(value);
  const given = answerGiven(turnId, interrupt_id)?.state;
  if (request.kind !== "approval" || given === "sending" || given === "sent") return [];
  if (!request.actions.every(({ allowed }) => allowed.includes("approve"))) return [];
  const decisions = request.actions.map(() => ({ type: "approve" }) as const);
  return [{ interrupt_id, value: request.decided(decisions), words: "Approved" }];
}

/** The end of the page stays in view, unless that hides where the cards begin. */
function useBeginning(root: { current: HTMLElement | null }, isAsking: boolean): void {
  useLayoutEffect(() => {
    const pane = root.current?.closest("#log");
    if (!isAsking || !pane || !root.current || !follows.peek() || root.current.offsetHeight < pane.clientHeight) return;
    follows.value = false;
    root.current.scrollIntoView({ block: "start" });
  }, [isAsking]);
}

/** When the card with the focus is answered, the next one gets it, or the turn, whose answer is followed again. */
function useFocus(root: { current: HTMLElement | null }, ids: string): void {
  const wasWithin = useRef(false);
  useEffect(() => {
    function moved({ target }: FocusEvent) {
      wasWithin.current = root.current?.contains(target as Node) ?? false; // an element has the focus
    }
    document.addEventListener("focusin", moved);
    return () => document.removeEventListener("focusin", moved);
  }, []);
  useLayoutEffect(() => {
    const isLost = document.activeElement === document.body || document.activeElement === null;
    if (!wasWithin.current || !isLost) return;
    const next = root.current?.querySelector<HTMLElement>(".request");
    if (!next) toEnd();
    (next ?? root.current?.closest<HTMLElement>(".turn"))?.focus({ preventScroll: next === undefined });
  }, [ids]);
}
