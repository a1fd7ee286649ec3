import { workbench } from "./workbench-link.js";

/** The place of the workbench beside the chat: there once its channel was joined, open when somebody wants it. */
export function workbenchSlot() {
  const toggle = document.querySelector("#workbench-toggle");
  const panel = document.querySelector("#workbench");

  function show(isOpen) {
    panel.hidden = !isOpen;
    toggle.setAttribute("aria-expanded", String(isOpen));
  }

  workbench.on("joined", () => {
    toggle.hidden = false;
    document.body.classList.add("with-workbench");
  });
  workbench.on("left", () => document.body.classList.remove("with-workbench"));
  toggle.addEventListener("click", () => show(panel.hidden));
  document.addEventListener("turn-selected", () => show(true));
}
