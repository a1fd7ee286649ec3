import type { Claim } from "../store/turns.ts";
import type { Wait } from "../store/waits.ts";
import type { Command } from "./bus.ts";
import { endless, lease } from "./lease.ts";
import { TurnEnd } from "./outcome.ts";
import { type Held, renewing } from "./renewing.ts";
import { type Finished, runTurn, type TurnSettings } from "./run-turn.ts";
import { settling } from "./settling.ts";
import { type SlotLimits, slots } from "./slots.ts";
import { storeRetries } from "./store-retries.ts";
import { summaries } from "./summaries.ts";
import { beganEvent, leftBy, nothingLeft } from "./waiting.ts";

/** Runs the turns of each conversation one at a time, in the order accepted. Independent of sockets: members come and go. */
export interface Runner {
  /** Takes a slot for a turn of this user. Returns false if none is free. Pass the slot to `admit`, or release it. */
  takeSlot(userId: string): boolean;
  releaseSlot(userId: string): void;
  /**
   * Registers a claimed turn that holds a slot, so that it can be stopped. Its claim was asked for at `sentAt`. The returned function
   * calls `announce` once the members know of earlier ends, then runs the turn.
   */
  admit(claim: Claim, sentAt: number): (announce: () => void) => void;
  /**
   * Claims and runs the next turn of a conversation; resolves when it no longer runs. Undefined if no slot is free, or if one of the conversation's
   * turns runs here.
   */
  runIfFree(conversationId: string, userId: string): Promise<void> | undefined;
  /** Starts no more turns. Turns that still run after the timeout are interrupted, and run again on another node or at the next start. */
  drain(timeoutMs: number): Promise<void>;
  /** Turns that run here, and conversations that wait for a slot. */
  counts(): { running: number; queued: number };
}

type Stop = Extract<Command, { type: "stop" }>;

interface Run {
  /** Undefined while the next turn is being claimed. */
  held?: Held;
  /** Stops that arrived while the turn was being claimed; one of them may be for it. */
  earlyStops: Stop[];
  /** More turns of this conversation may be waiting. */
  hasMore: boolean;
}

export function runner(settings: TurnSettings, limits: SlotLimits): Runner {
  const { store, bus, live, metrics, log } = settings.services;
  const pool = slots(limits);
  /** By conversation. */
  const runs = new Map<string, Run>();
  const inProgress = new Set<Promise<void>>();
  const draining = new AbortController();
  const retry = storeRetries(draining.signal, log);
  const summarizer = summaries(settings);
  const settle = settling(settings, retry, (turn, inputs) => {
    if (!draining.signal.aborted) summarizer.condenseIfLong(turn, inputs);
  });
  const stopRenewing = renewing(store.turns, () => [...runs.values()].flatMap(({ held }) => held ?? []), log);

  const unsubscribe = bus.onCommand((command) => {
    if (command.type === "wake") wake(command.conversationId, command.userId, command.turnId);
    else if (command.type === "stop") stop(command);
  });

  function stop(command: Stop): void {
    const { held, earlyStops } = runs.get(command.conversationId) ?? {};
    if (!held) earlyStops?.push(command);
    else if (command.turnIds.includes(held.claim.turn.id)) held.controller.abort(new TurnEnd(command.reason));
  }

  function heldBy(claim: Claim, sentAt: number): Held {
    return { claim, lease: store.isShared ? lease(sentAt) : endless, controller: new AbortController() };
  }

  /** Lets `drain` wait for the work. */
  function track(work: Promise<void>): Promise<void> {
    const tracked = work
      .catch((error: unknown) => log.error({ err: error }, "a turn could not be ended"))
      .finally(() => inProgress.delete(tracked));
    inProgress.add(tracked);
    return tracked;
  }

  /** `turnId`: the turn that goes on. Its members hear it if it has to wait for a slot. */
  function wake(conversationId: string, userId: string, turnId?: string): void {
    const run = runs.get(conversationId);
    const next = () => void track(runNext(conversationId, userId));
    if (draining.signal.aborted) giveUp([{ conversationId, userId }]);
    else if (run) run.hasMore = true;
    else if (!pool.wait(conversationId, userId, next) && turnId)
      bus.publish(conversationId, { type: "stage", turnId, stage: { stage: "queued" } });
  }

  /** Lets other nodes run what this one will not. */
  function giveUp(conversations: { conversationId: string; userId: string }[]): void {
    if (conversations.length > 0) bus.send({ type: "look", conversations });
  }

  /** Claims and runs the next turn. The caller holds a slot. */
  async function runNext(conversationId: string, userId: string): Promise<void> {
    const other = runs.get(conversationId);
    if (other) {
      other.hasMore = true; // a newer turn was accepted and claimed at once while this one waited for a slot
      pool.release(userId);
      return;
    }
    const run: Run = { hasMore: false, earlyStops: [] };
    runs.set(conversationId, run);
    const unfollow = live.follow(conversationId); // a stop from another node may come from now on
    let sentAt = 0;
    const claim = await retry("claim a turn", () => {
      sentAt = performance.now();
      return store.turns.claim(conversationId);
    });
    await new Promise(setImmediate); // the `ok` reply of this turn's message goes out first
    if (claim) await runClaimed(run, heldBy(claim, sentAt));
    else ended(run, conversationId, userId);
    unfollow();
  }

  async function runClaimed(run: Run, held: Held): Promise<void> {
    run.held = held;
    run.hasMore = true;
    for (const early of run.earlyStops) stop(early);
    await runOne(run, held);
  }

  async function runOne(run: Run, held: Held, announce = () => {}): Promise<void> {
    const { claim, controller } = held;
    const { turn, lastEnd } = claim;
    const { id: turnId, conversationId, userId, attempt } = turn;
    const unfollow = live.follow(conversationId);
    let finished: Finished = {};
    let observed: ReturnType<TurnSettings["observe"]> | undefined;
    try {
      const told = lastEnd && bus.told(conversationId, lastEnd);
      if (told) await told; // otherwise a member could see this turn begin before the other one ends
      if (controller.signal.reason instanceof TurnEnd && controller.signal.reason.kind === "reset") return;
      announce();
      if (draining.signal.aborted) return await settle.release(claim);
      const left = attempt > 1 ? await retry("read what a turn has left", () => leftBy(store, turn)) : nothingLeft;
      if (!left || held.lease.isOver) return await settle.release(claim);
      if (attempt > 1 && !left.wait) metrics.tookOver();
      if (turn.isStopRequested) controller.abort(new TurnEnd("stopped"));
      bus.publish(conversationId, beganEvent(turn, left));
      observed = settings.observe(turn, left.wait);
      finished = await runTurn(settings, held, left);
      if (finished.outcome) await settle.finish(claim, finished, finished.outcome);
      else if (finished.wait) await wait(run, held, finished.wait);
      else bus.publish(conversationId, { type: "abandoned", turnId, attempt });
      if (finished.isInterrupted) await settle.release(claim);
    } finally {
      observed?.(finished);
      ended(run, conversationId, userId);
      unfollow();
    }
  }

  /** Whoever gets the last answer wakes the turn, on this node or another. */
  async function wait(run: Run, held: Held, wait: Wait): Promise<void> {
    run.hasMore = false;
    await settle.wait(held, wait);
  }

  function ended(run: Run, conversationId: string, userId: string): void {
    if (runs.get(conversationId) === run) runs.delete(conversationId);
    pool.release(userId);
    if (run.hasMore) wake(conversationId, userId);
  }

  return {
    takeSlot: (userId) => !draining.signal.aborted && pool.take(userId),
    releaseSlot: pool.release,
    counts: pool.counts,
    admit(claim, sentAt) {
      const held = heldBy(claim, sentAt);
      const run: Run = { held, earlyStops: [], hasMore: true };
      runs.set(claim.turn.conversationId, run); // the turn before it may still be ending
      return (announce) => void track(runOne(run, held, announce));
    },
    runIfFree(conversationId, userId) {
      if (draining.signal.aborted || runs.has(conversationId) || !pool.take(userId)) return undefined;
      return track(runNext(conversationId, userId));
    },
    async drain(timeoutMs) {
      draining.abort();
      giveUp(pool.close().map(({ key, userId }) => ({ conversationId: key, userId })));
      summarizer.abort();
      const timer = setTimeout(() => {
        for (const { held } of runs.values()) held?.controller.abort(new TurnEnd("shutdown"));
      }, timeoutMs);
      while (inProgress.size > 0) await Promise.all(inProgress);
      clearTimeout(timer);
      stopRenewing();
      unsubscribe();
    },
  };
}
