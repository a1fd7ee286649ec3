import { useEffect, useRef } from "preact/hooks";

import { html } from "./html.ts";
import { isComposing } from "./parts/composing.ts";
import { stop } from "./session/actions.ts";
import { isHelpOpen, isPaletteOpen } from "./session/open.ts";

const shortcuts: [keys: string[], does: string][] = [
  [["Enter"], "Send the message"],
  [["Shift", "Enter"], "Start a new line"],
  [["↑"], "Edit the last question, if the field is empty"],
  [["Esc"], "Stop the answer, or close what is open"],
  [["Ctrl", "K"], "Show all commands (⌘ K on a Mac)"],
  [["?"], "Show this list, outside of text fields"],
];

/** Shortcuts that work anywhere on the page. */
export function watchKeys(): void {
  addEventListener("keydown", (event) => {
    const isInDialog = document.querySelector("dialog[open]") !== null;
    if (event.defaultPrevented || isComposing(event) || isInDialog) return;
    // The path also has what is in a shadow root, such as the prompt editor.
    const within = (selector: string) =>
      event.composedPath().some((one) => one instanceof Element && one.matches(selector));
    const isTyping = within("input, textarea, select, [contenteditable]");
    const hasModifier = event.ctrlKey || event.metaKey || event.altKey;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") isPaletteOpen.value = true;
    else if (event.key === "Escape" && !within("#workbench")) stop();
    else if (event.key === "?" && !isTyping && !hasModifier) isHelpOpen.value = true;
    else return;
    event.preventDefault();
  });
}

export function Help() {
  return isHelpOpen.value && html`<${Opened} />`;
}

function Opened() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return html`<dialog id="help" ref=${dialog} aria-labelledby="help-title" onClose=${() => (isHelpOpen.value = false)}>
    <h2 id="help-title">Keyboard shortcuts</h2>
    <dl>
      ${shortcuts.map(
        ([keys, does]) => html`<div key=${does}>
          <dt>${keys.map((key) => html`<kbd key=${key}>${key}</kbd> `)}</dt>
          <dd>${does}</dd>
        </div>`,
      )}
    </dl>
    <button type="button" onClick=${() => dialog.current?.close()}>Close</button>
  </dialog>`;
}
