import { Grouped } from "../grouped.ts";
import type { Bus, Listener, LiveEvent } from "./bus.ts";
import { LiveTurn } from "./live-turn.ts";

/** Somebody who sees what happens in a conversation; `turn` is the running one as it is after the event. */
export interface Watcher {
  see(event: LiveEvent, turn: LiveTurn | undefined): void;
}

/** Conversations as they are now, made from the events on the bus. */
export interface Live {
  watch(conversationId: string, watcher: Watcher): void;
  unwatch(conversationId: string, watcher: Watcher): void;
  /** Keeps the running turn's text here, also while nobody watches. Returns what ends that. */
  follow(conversationId: string): () => void;
  running(conversationId: string): LiveTurn | undefined;
  isWatched(conversationId: string): boolean;
}

export function live(bus: Bus): Live {
  const watchers = new Grouped<string, Watcher>();
  const followers = new Grouped<string, object>();
  const turns = new Map<string, LiveTurn>();

  /** The running turn after the event; one that ends is still there for whoever sees its end. */
  function reduce(conversationId: string, event: LiveEvent): LiveTurn | undefined {
    if (event.type === "began") turns.set(conversationId, new LiveTurn(event.turnId, event.query, event.restarts));
    const turn = turns.get(conversationId);
    if (!turn) return undefined;
    if (event.type === "text" && turn.id === event.turnId) turn.take(event);
    if (event.type === "stage" && turn.id === event.turnId) turn.stage = event.stage;
    if (isOver(turn, event)) turns.delete(conversationId);
    return turn;
  }

  /** Every watcher sees the event, whatever becomes of the others. */
  const listener: Listener = {
    hear(conversationId, event) {
      const turn = reduce(conversationId, event);
      const failures: unknown[] = [];
      for (const watcher of watchers.of(conversationId)) {
        try {
          watcher.see(event, turn);
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, "A watcher failed.");
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
  return (event.type === "ended" || event.type === "left") && event.turnId === id;
}
