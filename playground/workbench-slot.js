import { workbench } from "./workbench-link.js";

/** Shows the workbench's button once its channel is joined, and opens and closes the panel. */
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
