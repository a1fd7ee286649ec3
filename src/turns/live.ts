import { Grouped } from "../grouped.ts";
import type { Bus, Listener, LiveEvent } from "./bus.ts";
import { LiveTurn } from "./live-turn.ts";

export interface Watcher {
  /** `turn` is the running turn, with the event already applied to it. */
  see(event: LiveEvent, turn: LiveTurn | undefined): void;
}

/** The running turns of watched conversations, derived from the events on the bus. */
export interface Live {
  watch(conversationId: string, watcher: Watcher): void;
  unwatch(conversationId: string, watcher: Watcher): void;
  /** Tracks the running turn even if nobody watches. Returns a function that ends this. */
  follow(conversationId: string): () => void;
  running(conversationId: string): LiveTurn | undefined;
  isWatched(conversationId: string): boolean;
}

export function live(bus: Bus): Live {
  const watchers = new Grouped<string, Watcher>();
  const followers = new Grouped<string, object>();
  const turns = new Map<string, LiveTurn>();

  /** Applies the event and returns the running turn; a turn that has just ended is still returned. */
  function apply(conversationId: string, event: LiveEvent): LiveTurn | undefined {
    if (event.type === "began") turns.set(conversationId, new LiveTurn(event.turnId, event.query, event.restarts));
    const turn = turns.get(conversationId);
    if (!turn) return undefined;
    if (event.type === "text" && turn.id === event.turnId) turn.answer.append(event);
    if (event.type === "reasoning" && turn.id === event.turnId) turn.think(event);
    if (event.type === "stage" && turn.id === event.turnId) turn.stage = event.stage;
    if (isOver(turn, event)) turns.delete(conversationId);
    return turn;
  }

  /** A watcher that throws does not keep the event from the others. */
  const listener: Listener = {
    hear(conversationId, event) {
      const turn = apply(conversationId, event);
      const failures: unknown[] = [];
      for (const watcher of watchers.of(conversationId)) {
        try {
          watcher.see(event, turn);
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, "Watchers failed.");
    },
  };

  function listen(conversationId: string): void {
    bus.subscribe(conversationId, listener);
  }

  function forgetIdle(conversationId: string): void {
    if (watchers.has(conversationId) || followers.has(conversationId)) return;
    bus.unsubscribe(conversationId, listener);
    turns.delete(conversationId);
  }

  return {
    watch(conversationId, watcher) {
      listen(conversationId);
      watchers.add(conversationId, watcher);
    },
    unwatch(conversationId, watcher) {
      watchers.delete(conversationId, watcher);
      forgetIdle(conversationId);
    },
    follow(conversationId) {
      const follower = {};
      listen(conversationId);
      followers.add(conversationId, follower);
      return () => {
        followers.delete(conversationId, follower);
        forgetIdle(conversationId);
      };
    },
    running: (conversationId) => turns.get(conversationId),
    isWatched: (conversationId) => watchers.has(conversationId),
  };
}

function isOver({ id }: LiveTurn, event: LiveEvent): boolean {
  if (event.type === "reset") return event.turnIds.includes(id);
  return (event.type === "ended" || event.type === "abandoned") && event.turnId === id;
}
