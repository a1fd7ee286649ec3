import { signal } from "./signal.js";

/** The turn that the panel shows: the one selected in the conversation, or the latest. */
export function selectedTurn() {
  const turns = document.querySelector("#turns");
  const changed = signal();
  let selected;
  let last;
  let wasOver;

  const article = (id) => turns.querySelector(`[data-turn-id="${CSS.escape(id)}"]`);
  const isOver = () => selected !== undefined && article(selected)?.getAttribute("aria-busy") === "false";

  function select(id) {
    selected = id;
    wasOver = isOver();
    changed.tell();
  }

  /** Selects a new latest turn, and reports the end of the selected one. */
  function update() {
    const newest = [...turns.querySelectorAll("[data-turn-id]")].at(-1)?.dataset.turnId;
    if (newest !== last) {
      last = newest;
      select(newest);
    } else if (selected !== undefined && !article(selected)) select(newest);
    else if (isOver() !== wasOver) select(selected);
  }

  const watched = { subtree: true, childList: true, attributeFilter: ["data-turn-id", "aria-busy"] };
  new MutationObserver(update).observe(turns, watched);
  document.addEventListener("turn-selected", ({ detail }) => select(detail.turnId));
  update();
  return {
    onChange: changed.on,
    get id() {
      return selected;
    },
    get isOver() {
      return isOver();
    },
  };
}
