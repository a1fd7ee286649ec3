import { isOver, type PastTurn } from "../look-up.ts";
import type { Replies } from "../protocol.ts";
import { newTurn, recorded } from "./turn-state.ts";
import type { Turns } from "./turns.ts";

/** Adds an older page. Its turns that are already shown move to their place. */
export function prepend(turns: Turns, page: readonly PastTurn[]): void {
  const shown = page.filter(({ turn_id }) => !turns.isGone(turn_id));
  turns.lead(shown.map((entry) => record(turns, entry)));
}

/** Applies the newest page. `asked` has the turns known when it was requested: those missing from it have left the history. */
export function reconcile(turns: Turns, newest: Replies["get_history"], asked: readonly string[]): void {
  const page = newest.turns.filter(({ turn_id }) => !turns.isGone(turn_id));
  const inPage = new Set(page.map(({ turn_id }) => turn_id));
  const first = asked.findIndex((turnId) => inPage.has(turnId));
  const older = newest.has_more && first > 0 ? asked.slice(0, first) : [];
  for (const turnId of asked.slice(older.length)) {
    const key = turns.keyOf(turnId);
    if (key !== undefined && !inPage.has(turnId)) turns.remove(key);
  }
  const before = older.flatMap((turnId) => turns.keyOf(turnId) ?? []);
  turns.lead([...before, ...page.map((entry) => record(turns, entry))]);
}

/** Returns the turn's key. A turn followed to its end has more than the history. One whose start was missed lacks its message. */
function record(turns: Turns, entry: PastTurn): string {
  const { turn_id, query } = entry;
  const key = turns.keyOf(turn_id) ?? turn_id;
  const known = turns.at(key);
  const isThoughtless = entry.reasoning !== undefined && !known?.parts.some(({ type }) => type === "reasoning"); // only its end was seen
  if (!known || (isOver(entry) && (!isOver(known) || isThoughtless)))
    turns.put(recorded(known ?? newTurn(key, { isPast: true }), entry));
  else if (known.query === "") turns.put({ ...known, query });
  return key;
}
