import { listenerSet } from "../listeners.ts";
import type { Turn } from "../turn.ts";
import { follow, type Source } from "./follow.ts";
import { pages } from "./pages.ts";
import type { Room } from "./room.ts";
import type { ConversationOutline, ConversationState, ConversationStore, Readable, TurnState } from "./state.ts";
import { turnList } from "./turns.ts";

/** The store of a conversation, which it follows while it is open. */
export function conversationStore(source: Source, room: Readable<Room>): ConversationStore {
  const changedKeys = new Set<string>();
  const turns = turnList((key) => changedKeys.add(key));
  const history = pages(source.push, turns, publish);
  const everyone = listenerSet();
  const ofOutline = listenerSet();
  const readables = new Map<string, Watched>();
  let outline = outlined();
  let state: ConversationState | undefined;
  /** Turns that have changed since `state` was made. */
  const stale = new Set<string>();

  function outlined(before?: ConversationOutline): ConversationOutline {
    const unsent = turns.unsent();
    return {
      ...room.getSnapshot(),
      turnKeys: same(before?.turnKeys, turns.keys()),
      running_turn: turns.running(),
      hasEarlier: history.hasEarlier,
      isLoaded: history.isLoaded,
      unsent: same(before?.unsent, unsent),
    };
  }

  /** Reports all changes since the last call. `isText`: only the text of a turn has changed. */
  function publish(isText = false): void {
    const keys = [...changedKeys];
    changedKeys.clear();
    const next = isText ? outline : outlined(outline);
    const isOutlined = !isSame(outline, next);
    if (!isOutlined && keys.length === 0) return;
    if (isOutlined) {
      outline = next;
      state = undefined;
    }
    for (const key of keys) stale.add(key);
    if (isOutlined) ofOutline.tell();
    for (const key of keys) readables.get(key)?.tell();
    everyone.tell();
  }

  function stateNow(): ConversationState {
    const { turnKeys, ...rest } = outline;
    if (!state) state = { ...rest, turns: turnKeys.flatMap((key) => turns.at(key) ?? []) };
    else if (stale.size > 0) state = { ...state, turns: refreshed(state.turns) };
    stale.clear();
    return state;
  }

  /** Copying the list is cheap, and mostly the last turn changes. */
  function refreshed(before: readonly TurnState[]): readonly TurnState[] {
    const list = [...before];
    for (const key of stale) {
      const index = outline.turnKeys.lastIndexOf(key);
      const changed = turns.at(key);
      if (changed && index >= 0) list[index] = changed;
    }
    return list;
  }

  function turn(key: string): Readable<TurnState | undefined> {
    const known = readables.get(key);
    if (known) return known;
    const { add, tell } = listenerSet();
    const watched = { tell, subscribe: add, getSnapshot: () => turns.at(key) };
    readables.set(key, watched);
    return watched;
  }

  function retry(key: string): Turn | undefined {
    const found = turns.at(key);
    if (found?.status === "failed" && found.turn_id !== undefined) return source.regenerate(found.turn_id);
    return found?.status === "refused" ? source.resend(key) : undefined;
  }

  follow(source, { turns, history, publish });
  room.subscribe(publish);
  publish();
  return {
    subscribe: everyone.add,
    getSnapshot: stateNow,
    outline: { subscribe: ofOutline.add, getSnapshot: () => outline },
    turn,
    loadEarlier: history.loadEarlier,
    dismiss(key) {
      if (turns.at(key)?.status !== "refused") return;
      source.forget(key);
      turns.remove(key);
      publish();
    },
    retry,
  };
}

interface Watched extends Readable<TurnState | undefined> {
  tell: () => void;
}

/** The old list if the new one is equal. */
function same<Item>(before: readonly Item[] | undefined, now: readonly Item[]): readonly Item[] {
  return before && JSON.stringify(before) === JSON.stringify(now) ? before : now;
}

function isSame(one: ConversationOutline, other: ConversationOutline): boolean {
  const keys = Object.keys(other) as (keyof ConversationOutline)[]; // an object literal's own keys
  return keys.every((key) => Object.is(one[key], other[key]));
}
