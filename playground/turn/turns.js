import { turnView } from "./turn-view.js";

/** The turns on the page, by turn id; a message that was not confirmed yet stands at the end, by its own id. */
export function turnList(root, acts) {
  const turns = new Map();
  const unconfirmed = new Map();
  /** Of turns that left the history; what is still said of them is not shown. */
  const gone = new Set();
  const firstUnconfirmed = () => unconfirmed.values().next().value?.root ?? null;

  function added(turnId, query, before = firstUnconfirmed()) {
    const view = turnView(query, acts).named(turnId);
    turns.set(turnId, view);
    root.insertBefore(view.root, before);
    return view;
  }

  function remove(view) {
    gone.add(view.id);
    turns.delete(view.id);
    view.root.remove();
  }

  const inOrder = () => [...root.children].map(({ dataset }) => turns.get(dataset.turnId)).filter(Boolean);

  return {
    get isEmpty() {
      return turns.size + unconfirmed.size === 0;
    },
    get oldest() {
      return root.firstChild;
    },
    /** The last turn that the server knows of. */
    get newest() {
      return inOrder().at(-1);
    },
    has: (turnId) => turns.has(turnId),
    isGone: (turnId) => gone.has(turnId),
    /** The turn's view; a turn that began on another device is new here. */
    at: (turnId, query = "…") => turns.get(turnId) ?? added(turnId, query),
    sent({ id, content }) {
      const view = turnView(content, acts);
      unconfirmed.set(id, view);
      root.append(view.root);
    },
    accepted({ id }, turnId) {
      const view = unconfirmed.get(id);
      unconfirmed.delete(id);
      if (!view) return;
      if (turns.has(turnId)) view.root.remove();
      else turns.set(turnId, view.named(turnId));
    },
    refused({ id }) {
      unconfirmed.get(id)?.root.remove();
      unconfirmed.delete(id);
    },
    /** Another turn stands for this one: it and those after it have left the history. */
    replaced(turnId, by) {
      const views = inOrder();
      const from = views.findIndex(({ id }) => id === turnId);
      const to = views.findIndex(({ id }) => id === by);
      gone.add(turnId);
      if (from >= 0) views.slice(from, to < 0 ? undefined : to).map(remove);
    },
    /** A page of the history, the newest last: adds what is missing, each in its place. */
    recalled(page, before = firstUnconfirmed()) {
      let next = before;
      for (const turn of page.toReversed()) {
        if (gone.has(turn.turn_id)) continue;
        const view = turns.get(turn.turn_id) ?? added(turn.turn_id, turn.query, next);
        view.recalled(turn);
        next = view.root;
      }
    },
    /** Whatever is over and not on the newest page of the history has left it; what came before that page may be in it. */
    keepOnly(page, hasMore) {
      const known = new Set(page.map(({ turn_id }) => turn_id));
      const views = inOrder();
      const first = hasMore ? views.findIndex(({ id }) => id === page[0]?.turn_id) : 0;
      for (const view of views.slice(first)) if (view.isOver && !known.has(view.id)) remove(view);
    },
    clear() {
      turns.clear();
      unconfirmed.clear();
      gone.clear();
      root.replaceChildren();
    },
  };
}
