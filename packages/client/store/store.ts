import type { Turn } from "../turn.ts";
import { follow, type Source } from "./follow.ts";
import { pages } from "./pages.ts";
import { type Cell, Watchers } from "./readable.ts";
import type { Room } from "./room.ts";
import type { ConversationOutline, ConversationState, ConversationStore, Readable, TurnState } from "./state.ts";
import { turnList } from "./turns.ts";

/** The store of a conversation. It follows the conversation as long as that is open. */
export function conversationStore(source: Source, room: Cell<Room>): ConversationStore {
  const changedKeys = new Set<string>();
  const turns = turnList((key) => changedKeys.add(key));
  const history = pages(source.push, turns, publish);
  const everyone = new Watchers();
  const ofOutline = new Watchers();
  const readables = new Map<string, Watched>();
  let outline = outlined();
  let state: ConversationState | undefined;

  function outlined(before?: ConversationOutline): ConversationOutline {
    const unsent = turns.unsent();
    return {
      ...room.getSnapshot(),
      turnKeys: same(before?.turnKeys, turns.keys()),
      running_turn: turns.running(),
      hasEarlier: history.hasEarlier,
      isLoaded: history.isLoaded,
      unsent: same(before?.unsent, unsent, (one, other) => one.id === other.id && one.content === other.content),
    };
  }

  /** Tells of all changes since the last call. `isText`: nothing but the text of a turn has changed. */
  function publish(isText = false): void {
    const keys = [...changedKeys];
    changedKeys.clear();
    const next = isText ? outline : outlined(outline);
    const isOutlined = !isSame(outline, next);
    if (!isOutlined && keys.length === 0) return;
    if (isOutlined) outline = next;
    state = undefined;
    if (isOutlined) ofOutline.notify();
    for (const key of keys) readables.get(key)?.watchers.notify();
    everyone.notify();
  }

  function stateNow(): ConversationState {
    const { turnKeys, ...rest } = outline;
    state ??= { ...rest, turns: turnKeys.flatMap((key) => turns.at(key) ?? []) };
    return state;
  }

  function turn(key: string): Readable<TurnState | undefined> {
    const known = readables.get(key);
    if (known) return known;
    const watchers = new Watchers();
    const watched = { watchers, subscribe: watchers.subscribe, getSnapshot: () => turns.at(key) };
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
    subscribe: everyone.subscribe,
    getSnapshot: stateNow,
    outline: { subscribe: ofOutline.subscribe, getSnapshot: () => outline },
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
  watchers: Watchers;
}

/** The old list if the new one has the same members. */
function same<Item>(
  before: readonly Item[] | undefined,
  now: readonly Item[],
  isEqual: (one: Item, other: Item) => boolean = Object.is,
): readonly Item[] {
  if (before?.length !== now.length) return now;
  return now.every((item, at) => isEqual(item, before[at] as Item)) ? before : now; // of the same length
}

function isSame(one: ConversationOutline, other: ConversationOutline): boolean {
  const keys = Object.keys(other) as (keyof ConversationOutline)[]; // an object literal's own keys
  return keys.every((key) => Object.is(one[key], other[key]));
}
