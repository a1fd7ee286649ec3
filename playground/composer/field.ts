import { useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";

import { html } from "../html.ts";
import { isComposing } from "../parts/composing.ts";
import { send, setTyping } from "../session/actions.ts";
import { current, draft } from "../session/conversations.ts";
import { startEditing } from "../session/editing.ts";
import { takePasted } from "./pasting.ts";

const maxRows = 10;

/** About how many characters a line of the field has. */
const columns = 80;

/** The browser takes seconds to break a longer line, and to insert a longer text. */
const maxLineUnits = 5_000;

/** The message field. Enter sends, Shift+Enter starts a new line, and arrow up in an empty field edits the last question. */
export function Field() {
  const field = useRef<HTMLTextAreaElement>(null);
  const text = draft.value;

  useSignalEffect(() => {
    if (current.value) field.current?.focus();
  });

  function press(event: KeyboardEvent) {
    if (isComposing(event)) return;
    if (event.key === "Enter" && !event.shiftKey) send();
    else if (event.key === "ArrowUp" && draft.value === "") editLast();
    else return;
    event.preventDefault();
  }

  function type({ currentTarget: { value } }: { currentTarget: HTMLTextAreaElement }) {
    draft.value = value;
    setTyping(value.trim() !== "");
  }

  /** The browser takes seconds to insert a long text, but not to show it as a new value. */
  function insert(event: InputEvent & { currentTarget: HTMLTextAreaElement }) {
    const { data, currentTarget } = event;
    if (data === null || data.length <= maxLineUnits) return;
    event.preventDefault();
    const { value, selectionStart, selectionEnd } = currentTarget;
    const end = selectionStart + data.length;
    draft.value = value.slice(0, selectionStart) + data + value.slice(selectionEnd);
    setTyping(true);
    requestAnimationFrame(() => currentTarget.setSelectionRange(end, end));
  }

  return html`<textarea
    id="message"
    ref=${field}
    class=${hasLongLine(text) ? "unbroken" : ""}
    dir="auto"
    rows=${rowsOf(text)}
    placeholder="Write a message"
    enterkeyhint="send"
    value=${text}
    onBeforeInput=${insert}
    onInput=${type}
    onPaste=${(event: ClipboardEvent) => takePasted(event) && event.preventDefault()}
    onKeyDown=${press}
  ></textarea>`;
}

function editLast(): void {
  const open = current.value;
  const turns = open?.outline.value.turnKeys.map((key) => open.turnNow(key)) ?? [];
  const last = turns.findLast((turn) => turn?.turn_id !== undefined);
  if (last?.turn_id) startEditing(last.turn_id, last.query, "#message");
}

/** Estimated, because measuring would lay out the whole text on every keystroke. */
function rowsOf(text: string): number {
  const lines = text.slice(0, maxRows * columns).split("\n", maxRows);
  const rows = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0);
  return Math.min(maxRows, rows);
}

function hasLongLine(text: string): boolean {
  if (text.length <= maxLineUnits) return false;
  return text.split("\n").some(({ length }) => length > maxLineUnits);
}
