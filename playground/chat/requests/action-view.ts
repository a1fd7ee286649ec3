import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { html } from "../../html.ts";
import { isComposing } from "../../parts/composing.ts";
import { Arguments } from "./arguments.ts";
import { EditForm } from "./edit-form.ts";
import { LongText } from "./long-text.ts";
import { RejectForm } from "./reject-form.ts";
import type { Action, Decision, DecisionType } from "./request-kind.ts";

interface ActionViewProps {
  action: Action;
  decision: Decision | undefined;
  /** What was decided. */
  words: string | undefined;
  /** Undefined takes the decision back. */
  decide: (decision: Decision | undefined) => void;
}

type Mode = "look" | "edit" | "reject";

/** A tool call that waits for approval: what it does, and what can be decided. */
export function ActionView({ action, decision, words, decide }: ActionViewProps) {
  const { name, args, description } = action;
  const [opened, open] = useState<Mode>("look");
  const root = useRef<HTMLDivElement>(null);
  const before = useRef<Mode>("look");
  const mode = decision ? "look" : opened;

  /** The button that opened a form gets the focus back. */
  useLayoutEffect(() => {
    if (mode === "look" && !decision) root.current?.querySelector<HTMLElement>(`button.${before.current}`)?.focus();
    before.current = mode;
  }, [mode]);

  function press(event: KeyboardEvent) {
    if (event.key === "Escape" && !isComposing(event)) cancel();
  }
  const cancel = () => open("look");
  function change() {
    cancel();
    decide(undefined);
  }
  return html`<div class=${`action ${decision ? "decided" : ""}`} ref=${root} onKeyDown=${press}>
    <p class="asks">${decision ? words : "Allow"} <code>${name}</code>${!decision && "?"}</p>
    ${description && html`<${LongText} class="why" label="Description" text=${description} />`}
    ${mode !== "edit" && html`<${Arguments} args=${decision?.type === "edit" ? decision.args : args} />`}
    ${mode === "edit" && html`<${EditForm} action=${action} decide=${decide} cancel=${cancel} />`}
    ${mode === "reject" && html`<${RejectForm} decide=${decide} cancel=${cancel} />`}
    ${mode === "look" && !decision && html`<${Choices} key="choices" action=${action} decide=${decide} open=${open} />`}
    ${decision && html`<div class="row" key="decided"><button type="button" onClick=${change}>Change</button></div>`}
  </div>`;
}

interface ChoicesProps {
  action: Action;
  decide: (decision: Decision) => void;
  open: (mode: Mode) => void;
}

function Choices({ action: { allowed }, decide, open }: ChoicesProps) {
  const button = (type: DecisionType, words: string, press: () => void) =>
    allowed.includes(type) &&
    html`<button type="button" key=${type} class=${type === "approve" ? "primary" : type} onClick=${press}>${words}</button>`;
  return html`<div class="row">
    ${button("approve", "Approve", () => decide({ type: "approve" }))} ${button("edit", "Edit", () => open("edit"))}
    ${button("reject", "Reject", () => open("reject"))}
  </div>`;
}
