import { workbench } from "./workbench-link.js";

/** The place of the workbench beside the chat: there while its channel can be joined, open when somebody wants it. */
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
  workbench.on("left", () => {
    toggle.hidden = true;
    document.body.classList.remove("with-workbench");
    show(false);
  });
  toggle.addEventListener("click", () => show(panel.hidden));
  document.addEventListener("turn-selected", () => show(true));
}
