import type { Acceptance } from "../outbox.ts";
import type { TurnState, UnsentMessage } from "./state.ts";
import { newTurn } from "./turn-state.ts";

export type Turns = ReturnType<typeof turnList>;

/**
 * The turns in order: first those that the server has accepted, in its order, then those being sent. `changed` gets the key of
 * each turn that was added, changed or removed.
 */
export function turnList(changed: (key: string) => void) {
  const states = new Map<string, TurnState>();
  /** By `turn_id`. */
  const keys = new Map<string, string>();
  /** `turn_id`s that have left the history. */
  const gone = new Set<string>();
  let order: readonly string[] = [];

  const at = (key: string | undefined) => states.get(key ?? "");
  const keyOf = (turnId: string | undefined) => keys.get(turnId ?? "");
  const all = () => order.flatMap((key) => at(key) ?? []);
  const isAccepted = (key: string) => at(key)?.turn_id !== undefined;

  function put(turn: TurnState): void {
    const { key, turn_id } = turn;
    if (!states.has(key)) order = [...order, key];
    states.set(key, turn);
    if (turn_id !== undefined) keys.set(turn_id, key);
    changed(key);
  }

  function take(key: string): void {
    keys.delete(at(key)?.turn_id ?? "");
    states.delete(key);
    order = order.filter((other) => other !== key);
    changed(key);
  }

  /** Removes a turn for good. */
  function remove(key: string): void {
    const turnId = at(key)?.turn_id;
    if (turnId !== undefined) gone.add(turnId);
    take(key);
  }

  /** Puts an accepted turn before the messages being sent. */
  function place(key: string): void {
    const rest = order.filter((other) => other !== key);
    const next = rest.findIndex((other) => at(other)?.status === "sending");
    order = next < 0 ? [...rest, key] : rest.toSpliced(next, 0, key);
  }

  return {
    at,
    keyOf,
    all,
    put,
    remove,
    isGone: (turnId: string) => gone.has(turnId),
    isKnown: (turnId: string) => keys.has(turnId) || gone.has(turnId),
    /** The ids of accepted turns, in order. */
    ids: () => all().flatMap(({ turn_id }) => turn_id ?? []),
    /** The keys of all turns to show. Turns that a message being sent will replace are hidden. */
    keys(): readonly string[] {
      const replaced = all().flatMap(({ status, replaces }) => (status === "sending" && replaces ? replaces : []));
      const from = order.findIndex((key) => replaced.includes(at(key)?.turn_id ?? ""));
      return from < 0 ? order : order.filter((key, index) => index < from || !isAccepted(key));
    },
    /** Messages being sent. */
    unsent: (): UnsentMessage[] =>
      all().flatMap(({ key, query, status }) => (status === "sending" ? { id: key, content: query } : [])),
    running: () => all().find(({ status }) => status === "running" || status === "waiting")?.turn_id,
    /** Changes an accepted turn, or adds it if it is unknown. */
    change(turnId: string, change: (turn: TurnState) => TurnState): void {
      if (gone.has(turnId)) return;
      const key = keyOf(turnId);
      const turn = at(key) ?? newTurn(turnId, { turn_id: turnId });
      put(change(turn));
      if (key === undefined) place(turnId);
    },
    /** A message has become a turn. Its events may have come before this reply, if an earlier reply was lost with the connection. */
    accepted(key: string, { turn_id, position, replaces }: Acceptance): void {
      const message = at(key);
      if (!message) return;
      const twin = at(keyOf(turn_id));
      const known = twin ?? { ...message, turn_id, status: position > 0 ? "queued" : "running" };
      if (gone.has(turn_id)) {
        remove(key);
        return;
      }
      if (twin && twin.key !== key) {
        order = order.filter((other) => other !== key).map((other) => (other === twin.key ? key : other));
        states.delete(twin.key);
        changed(twin.key);
      }
      put({ ...known, key, ...(replaces && { replaces }) });
      if (!twin) place(key);
    },
    /** Removes the replaced turn and those after it. A turn that was reported late may be removed by mistake; the history restores it. */
    replaced(turnId: string, by: string): void {
      const from = order.indexOf(keyOf(turnId) ?? "");
      gone.add(turnId);
      for (const key of from < 0 ? [] : order.slice(from, order.indexOf(by))) if (isAccepted(key)) take(key);
    },
    /** Moves these turns before all others. */
    lead(leading: readonly string[]): void {
      const isLeading = new Set(leading);
      order = [...leading, ...order.filter((key) => !isLeading.has(key))];
    },
  };
}
