import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { html } from "../html.ts";
import { IconButton } from "../parts/button.ts";
import { isComposing } from "../parts/composing.ts";
import { edit } from "../session/actions.ts";
import { cancelEditing, edited, editedTurn, startEditing } from "../session/editing.ts";

/** A longer question is folded. */
const maxCharacters = 1_200;
const maxLines = 12;

interface QuestionProps {
  query: string;
  /** Undefined until the server has accepted the question: only then it can be edited. */
  turnId: string | undefined;
}

/** A question, which can be edited in place. */
export function Question({ query, turnId }: QuestionProps) {
  if (turnId !== undefined && editedTurn.value === turnId) return html`<${Editor} turnId=${turnId} />`;
  return html`<div class="asked">
    ${
      turnId !== undefined &&
      html`<${IconButton}
        icon="edit"
        label="Edit the question"
        class="edit"
        press=${() => startEditing(turnId, query)}
      />`
    }
    <${Words} query=${query} />
  </div>`;
}

function Words({ query }: { query: string }) {
  const [isOpen, setOpen] = useState(false);
  const lines = query.split("\n", maxLines + 1);
  const isLong = query.length > maxCharacters || lines.length > maxLines;
  if (!isLong) return html`<p class="question" dir="auto">${query}</p>`;
  const words = isOpen ? query : `${lines.slice(0, maxLines).join("\n").slice(0, maxCharacters)}…`;
  return html`<div class="question long">
    <p dir="auto">${words}</p>
    <button type="button" class="fold" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>
      ${isOpen ? "Show less" : `Show all ${query.length.toLocaleString("en")} characters`}
    </button>
  </div>`;
}

function Editor({ turnId }: { turnId: string }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const { text, problem } = edited.value;

  useLayoutEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(field.current.value.length, field.current.value.length);
  }, []);

  function save() {
    const content = text.trim();
    if (content) edit(turnId, content);
  }

  function type(event: InputEvent & { currentTarget: HTMLTextAreaElement }) {
    edited.value = { ...edited.value, text: event.currentTarget.value };
  }

  function press(event: KeyboardEvent) {
    if (isComposing(event)) return;
    if (event.key === "Enter" && !event.shiftKey) save();
    else if (event.key === "Escape") cancelEditing();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return html`<div class="question-editor">
    <textarea
      ref=${field}
      aria-label="Your question"
      dir="auto"
      rows=${Math.min(10, text.slice(0, 2_000).split("\n").length + 1)}
      value=${text}
      onInput=${type}
      onKeyDown=${press}
    ></textarea>
    <p class="refusal" role="alert">${problem}</p>
    <div class="row">
      <p class="quiet">This question and all that follows it will be replaced.</p>
      <button type="button" onClick=${cancelEditing}>Cancel</button>
      <button type="button" class="primary" onClick=${save}>Ask again</button>
    </div>
  </div>`;
}
