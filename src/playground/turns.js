import { turnView } from "./turn-view.js";

/** The turns on the page, by turn id; a message that was not confirmed yet stands at the end, by its own id. */
export function turnList(root) {
  const turns = new Map();
  const unconfirmed = new Map();
  const firstUnconfirmed = () => unconfirmed.values().next().value?.root ?? null;

  function added(turnId, query, before = firstUnconfirmed()) {
    const view = turnView(query);
    turns.set(turnId, view);
    root.insertBefore(view.root, before);
    return view;
  }

  return {
    get isEmpty() {
      return turns.size + unconfirmed.size === 0;
    },
    has: (turnId) => turns.has(turnId),
    /** The turn's view; a turn that began on another device is new here. */
    at: (turnId, query = "…") => turns.get(turnId) ?? added(turnId, query),
    sent({ id, content }) {
      const view = turnView(content);
      unconfirmed.set(id, view);
      root.append(view.root);
    },
    accepted({ id }, turnId) {
      const view = unconfirmed.get(id);
      unconfirmed.delete(id);
      if (!view) return;
      if (turns.has(turnId)) view.root.remove();
      else turns.set(turnId, view);
    },
    refused({ id }) {
      unconfirmed.get(id)?.root.remove();
      unconfirmed.delete(id);
    },
    /** A page of the history, the newest last: adds what is missing, each in its place. */
    recalled(page, before = firstUnconfirmed()) {
      let next = before;
      for (const turn of page.toReversed()) {
        const view = turns.get(turn.turn_id) ?? added(turn.turn_id, turn.query, next);
        view.recalled(turn);
        next = view.root;
      }
    },
    get oldest() {
      return root.firstChild;
    },
    clear() {
      turns.clear();
      unconfirmed.clear();
      root.replaceChildren();
    },
  };
}
