import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { html } from "../../html.ts";
import { ActionView } from "./action-view.ts";
import type { Decision, Request, Send } from "./request-kind.ts";

interface ApprovalFormProps {
  request: Extract<Request, { kind: "approval" }>;
  send: Send;
}

const doneWords: Record<Decision["type"], string> = {
  approve: "Approved",
  edit: "Approved with changes",
  reject: "Rejected",
};

/** Tool calls that wait for approval. The decision about a single one is sent at once; about several, all are sent together. */
export function ApprovalForm({ request: { actions, decided }, send }: ApprovalFormProps) {
  const root = useRef<HTMLDivElement>(null);
  const [decisions, setDecisions] = useState<readonly (Decision | undefined)[]>(() => actions.map(() => undefined));
  const count = decisions.filter((decision) => decision !== undefined).length;
  const isSingle = actions.length === 1;
  const undecided = actions.filter((_, at) => decisions[at] === undefined);

  /** Whoever works with the keyboard goes on with the next call. */
  useLayoutEffect(() => {
    const isLost = document.activeElement === document.body;
    if (count > 0 && isLost)
      root.current?.querySelector<HTMLElement>(".action:not(.decided) > .row button, .send")?.focus();
  }, [count]);

  function submit(all: readonly (Decision | undefined)[]) {
    const known = all.filter((decision) => decision !== undefined);
    if (known.length < actions.length) return;
    const kinds = new Set(known.map(({ type }) => type));
    const [only] = kinds;
    send(decided(known), only && kinds.size === 1 ? doneWords[only] : "Decided");
  }

  function decide(at: number, decision: Decision | undefined) {
    const next = decisions.with(at, decision);
    if (isSingle) submit(next);
    else setDecisions(next);
  }

  return html`<div class="approval" ref=${root}>
    ${!isSingle && html`<p class="asks">${actions.length} calls need your approval</p>`}
    ${actions.map(
      (action, at) => html`<${ActionView}
        key=${at}
        action=${action}
        decision=${decisions[at]}
        words=${decisions[at] && doneWords[decisions[at].type]}
        decide=${(decision: Decision | undefined) => decide(at, decision)}
      />`,
    )}
    ${
      !isSingle &&
      html`<div class="row">
        <p class="quiet">${count} of ${actions.length} decided</p>
        <span class="space"></span>
        ${
          count < actions.length &&
          undecided.every(({ allowed }) => allowed.includes("approve")) &&
          html`<button
            type="button"
            onClick=${() => submit(decisions.map((decision) => decision ?? { type: "approve" }))}
          >
            ${count === 0 ? "Approve all" : "Approve the rest"}
          </button>`
        }
        <button type="button" class="primary send" disabled=${count < actions.length} onClick=${() => submit(decisions)}>
          Send decisions
        </button>
      </div>`
    }
  </div>`;
}
