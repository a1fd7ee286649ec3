import { batch, signal } from "@preact/signals";

/** The turn whose question is being edited. */
export const editedTurn = signal<string | undefined>(undefined);

/** The editor's text, and why the server refused it. Kept here because the turn's component may be removed and created again. */
export const edited = signal({ text: "", query: "", problem: "" });

/** Where the focus returns to, as a CSS selector. */
let from = "";

/** Opens the editor of a question. The focus returns to `focus`, or to the button that opens it. */
export function startEditing(turnId: string, query: string, focus = `[data-turn-id="${turnId}"] .edit`): void {
  from = focus;
  batch(() => {
    editedTurn.value = turnId;
    edited.value = { text: query, query, problem: "" };
  });
}

export function stopEditing(): void {
  editedTurn.value = undefined;
}

/** Stops, and gives the focus back. */
export function cancelEditing(): void {
  stopEditing();
  const field = document.querySelector<HTMLElement>(from);
  if (field) field.focus();
  else requestAnimationFrame(() => document.querySelector<HTMLElement>(from)?.focus()); // a button that comes back
}

/** The editor's unsent text. */
export function unsavedEdit(): string {
  if (editedTurn.value === undefined) return "";
  const text = edited.value.text.trim();
  return text === edited.value.query.trim() ? "" : text;
}
