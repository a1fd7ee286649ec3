import { Grouped } from "../grouped.ts";
import type { Bus, Listener, LiveEvent } from "./bus.ts";
import { LiveTurn } from "./live-turn.ts";

export interface Watcher {
  /** `turn` is the running turn, with the event already applied to it. */
  see(event: LiveEvent, turn: LiveTurn | undefined): void;
}

/** The running and waiting turns of watched conversations, derived from the events on the bus. */
export interface Live {
  watch(conversationId: string, watcher: Watcher): void;
  unwatch(conversationId: string, watcher: Watcher): void;
  /** Tracks the running turn even if nobody watches. Returns a function that ends this. */
  follow(conversationId: string): () => void;
  running(conversationId: string): LiveTurn | undefined;
  /** The members have been told that this turn waits in the queue, and not yet that it has begun. */
  isQueued(conversationId: string, turnId: string): boolean;
  /** Here or on another node. */
  isWatched(conversationId: string): boolean;
  /** Applies what has happened to a turn before anybody watched. Does nothing if a turn is known, or nobody watches. */
  recall(conversationId: string, events: readonly LiveEvent[]): void;
}

export function live(bus: Bus): Live {
  const watchers = new Grouped<string, Watcher>();
  const followers = new Grouped<string, object>();
  const turns = new Map<string, LiveTurn>();
  const queued = new Map<string, Set<string>>();

  /** Applies the event and returns the running turn; a turn that has just ended is still returned. */
  function apply(conversationId: string, event: LiveEvent): LiveTurn | undefined {
    queue(conversationId, event);
    const known = turns.get(conversationId);
    if (known && isFormer(known, event)) return known;
    if (event.type === "began" && !goesOn(known, event)) turns.set(conversationId, liveTurn(event));
    const turn = turns.get(conversationId);
    if (!turn) return undefined;
    if ("turnId" in event && event.turnId === turn.id) change(turn, event);
    if (isOver(turn, event)) turns.delete(conversationId);
    return turn;
  }

  function queue(conversationId: string, event: LiveEvent): void {
    const waiting = queued.get(conversationId);
    if (event.type === "stage" && event.stage.stage === "queued")
      queued.set(conversationId, (waiting ?? new Set()).add(event.turnId));
    if (!waiting) return;
    if (event.type === "began" || event.type === "ended") waiting.delete(event.turnId);
    if (event.type === "reset" || waiting.size === 0) queued.delete(conversationId);
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
    queued.delete(conversationId);
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
    isQueued: (conversationId, turnId) => queued.get(conversationId)?.has(turnId) ?? false,
    isWatched: (conversationId) => watchers.has(conversationId) || bus.isHeardElsewhere(conversationId),
    recall(conversationId, events) {
      if (turns.has(conversationId) || !watchers.has(conversationId)) return;
      for (const event of events) apply(conversationId, event);
    },
  };
}

function liveTurn({ turnId, query, restarts, ...others }: Extract<LiveEvent, { type: "began" }>): LiveTurn {
  return new LiveTurn(turnId, query, restarts, others);
}

/** The turn has waited, and continues with the texts that it had. */
function goesOn(
  turn: LiveTurn | undefined,
  { turnId, restarts, before }: Extract<LiveEvent, { type: "began" }>,
): boolean {
  return before !== undefined && turn?.id === turnId && turn.answer.restarts === restarts;
}

/** Said by an earlier attempt, whose process did not know yet that another one has taken the turn over. */
function isFormer({ id, attempt }: LiveTurn, event: LiveEvent): boolean {
  return (event.type === "began" || event.type === "abandoned") && event.turnId === id && event.attempt < attempt;
}

function change(turn: LiveTurn, event: LiveEvent): void {
  if (event.type === "began") {
    turn.attempt = event.attempt;
    turn.isElsewhere = event.isElsewhere ?? false;
  }
  if (event.type === "text" && event.restarts >= turn.answer.restarts) turn.answer.append(event);
  if (event.type === "reasoning") turn.think(event);
  if (event.type === "stage") turn.stage = event.stage;
  if (event.type === "tool") turn.call(event.key, event.call);
  if (event.type === "requested") turn.requests = event.requests;
  if (event.type === "answered") turn.answered(event.interruptIds);
}

function isOver({ id }: LiveTurn, event: LiveEvent): boolean {
  if (event.type === "reset") return event.turnIds.includes(id);
  return (event.type === "ended" || event.type === "abandoned") && event.turnId === id;
}
