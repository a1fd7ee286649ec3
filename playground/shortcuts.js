import { isComposing } from "./composing.js";

/** Shortcuts that work anywhere on the page, and the dialog that lists all shortcuts. */
export function shortcuts({ stop }) {
  const help = document.querySelector("#help");
  document.querySelector("#help-open").addEventListener("click", () => help.showModal());
  help.querySelector("button").addEventListener("click", () => help.close());

  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || help.open || isComposing(event)) return;
    if (event.key === "Escape" && !event.target.closest("#workbench")) stop();
    else if (event.key === "?" && !event.target.matches("input, textarea, select")) help.showModal();
    else return;
    event.preventDefault();
  });
}
