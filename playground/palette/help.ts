import { useLayoutEffect, useRef } from "preact/hooks";

import { html } from "../html.ts";
import { isHelpOpen } from "../session/open.ts";

const shortcuts: [keys: string[], does: string][] = [
  [["Enter"], "Send the message"],
  [["Shift", "Enter"], "Start a new line"],
  [["↑"], "Edit the last question, if the field is empty"],
  [["Esc"], "Stop the answer, or close what is open"],
  [["Ctrl", "K"], "Show all commands (⌘ K on a Mac)"],
  [["Ctrl", "S"], "Save the prompt that is edited"],
  [["?"], "Show this list, outside of text fields"],
];

/** The list of shortcuts. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
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
