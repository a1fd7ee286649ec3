import { turnView } from "./turn-view.js";

/** The turns on the page, by turn ID. Unconfirmed messages are at the end, by message ID. */
export function turnList(root, acts) {
  const turns = new Map();
  const unconfirmed = new Map();
  /** IDs of turns that were removed from the history. Later events of these turns are ignored. */
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
    /** The last confirmed turn. */
    get newest() {
      return inOrder().at(-1);
    },
    has: (turnId) => turns.has(turnId),
    isGone: (turnId) => gone.has(turnId),
    /** The turn's view. Adds one if the turn was started on another device. */
    at: (turnId, query = "…") => turns.get(turnId) ?? added(turnId, query),
    sent({ id, content }) {
      if (unconfirmed.has(id)) return;
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
    /** Another turn replaced this one: removes it and the turns between them. */
    replaced(turnId, by) {
      const views = inOrder();
      const from = views.findIndex(({ id }) => id === turnId);
      const to = views.findIndex(({ id }) => id === by);
      gone.add(turnId);
      if (from >= 0) views.slice(from, to < 0 ? undefined : to).map(remove);
    },
    /** Adds the missing turns of a page of the history (newest last), in order. `oldest` is the node before which an earlier page belongs. */
    recalled(page, oldest) {
      let next = oldest ?? firstUnconfirmed();
      for (const turn of page.toReversed()) {
        if (gone.has(turn.turn_id)) continue;
        const view = turns.get(turn.turn_id) ?? added(turn.turn_id, turn.query, next);
        if (oldest && view.root.nextSibling !== next) root.insertBefore(view.root, next); // its end was sent again when the page joined
        view.recalled(turn);
        next = view.root;
      }
    },
    /** Removes finished turns that are missing from the latest page of the history. Turns older than that page are kept. */
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
