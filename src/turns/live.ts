import type { Bus, LiveEvent } from "./bus.ts";
import { LiveTurn } from "./live-turn.ts";

/** Somebody who sees what happens in a conversation; `turn` is the running one as it is after the event. */
export interface Watcher {
  see(event: LiveEvent, turn: LiveTurn | undefined): void;
}

/** Conversations as they are now, made from the events on the bus. */
export interface Live {
  /** Returns what ends the watching. */
  watch(conversationId: string, watcher: Watcher): () => void;
  /** Keeps the running turn's text here, also while nobody watches. Returns what ends that. */
  follow(conversationId: string): () => void;
  running(conversationId: string): LiveTurn | undefined;
  isWatched(conversationId: string): boolean;
}

class LiveConversation {
  readonly watchers = new Set<Watcher>();
  running: LiveTurn | undefined;
  /** Of whoever runs a turn. */
  followers = 0;
  unsubscribe = () => {};

  /** Every watcher sees the event, whatever becomes of the others. */
  see(event: LiveEvent): void {
    if (event.type === "began") this.running = new LiveTurn(event.turnId, event.query, event.restarts);
    const turn = this.running;
    if (event.type === "text" && turn?.id === event.turnId) turn.take(event);
    if (event.type === "stage" && turn?.id === event.turnId) turn.stage = event.stage;
    if (turn && isOver(turn, event)) this.running = undefined;
    const failures: unknown[] = [];
    for (const watcher of this.watchers) {
      try {
        watcher.see(event, turn);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, "A watcher failed.");
  }
}

function isOver({ id }: LiveTurn, event: LiveEvent): boolean {
  if (event.type === "reset") return event.turnIds.includes(id);
  return (event.type === "ended" || event.type === "left") && event.turnId === id;
}

export function live(bus: Bus): Live {
  const conversations = new Map<string, LiveConversation>();

  function at(conversationId: string): LiveConversation {
    const known = conversations.get(conversationId);
    if (known) return known;
    const created = new LiveConversation();
    created.unsubscribe = bus.subscribe(`conversation:${conversationId}`, (event) => created.see(event));
    conversations.set(conversationId, created);
    return created;
  }

  function forgetIdle(conversationId: string): void {
    const found = conversations.get(conversationId);
    if (!found || found.watchers.size > 0 || found.followers > 0) return;
    found.unsubscribe();
    conversations.delete(conversationId);
  }

  return {
    watch(conversationId, watcher) {
      at(conversationId).watchers.add(watcher);
      return () => {
        conversations.get(conversationId)?.watchers.delete(watcher);
        forgetIdle(conversationId);
      };
    },
    follow(conversationId) {
      const followed = at(conversationId);
      followed.followers += 1;
      return () => {
        followed.followers -= 1;
        forgetIdle(conversationId);
      };
    },
    running: (conversationId) => conversations.get(conversationId)?.running,
    isWatched: (conversationId) => (conversations.get(conversationId)?.watchers.size ?? 0) > 0,
  };
}
