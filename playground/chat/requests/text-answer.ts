import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { html } from "../../html.ts";
import { isComposing } from "../../parts/composing.ts";

interface TextAnswerProps {
  label: string;
  send: (text: string) => void;
  /** Why the text cannot be sent. */
  problemOf?: (text: string) => string;
  children?: ComponentChildren;
}

/** A field whose text is the answer. Enter sends it. */
export function TextAnswer({ label, send, problemOf, children }: TextAnswerProps) {
  const [text, setText] = useState("");
  const [problem, setProblem] = useState("");

  function submit(event: Event) {
    event.preventDefault();
    const found = text.trim() === "" ? "Write an answer first." : (problemOf?.(text) ?? "");
    setProblem(found);
    if (!found) send(text.trim());
  }

  function press(event: KeyboardEvent) {
    if (event.key === "Enter" && !event.shiftKey && !isComposing(event)) submit(event);
  }
  return html`<form class="text-answer" onSubmit=${submit}>
    <label>
      <span class="quiet">${label}</span>
      <textarea
        rows=${Math.min(8, text.split("\n").length)}
        dir="auto"
        enterkeyhint="send"
        value=${text}
        onInput=${({ currentTarget }: { currentTarget: HTMLTextAreaElement }) => setText(currentTarget.value)}
        onKeyDown=${press}
      ></textarea>
    </label>
    <p class="refusal" role="alert">${problem}</p>
    <div class="row">${children}<span class="space"></span><button type="submit" class="primary">Send answer</button></div>
  </form>`;
}
