import { type Claim, leaseMs } from "../store/turns.ts";
import { TurnEnd } from "./outcome.ts";
import { runTurn, type TurnSettings } from "./run-turn.ts";
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
  /** Registers a claimed turn that holds a slot, so that it can be stopped. The returned function starts it. */
  admit(claim: Claim): () => void;
  /** Runs a conversation's unfinished turns as slots become free. Resolves when there are none left to run here. */
  runAll(conversationId: string, userId: string): Promise<void>;
  /** Starts no more turns. Turns that still run after the timeout are interrupted, and run again at the next start. */
  drain(timeoutMs: number): Promise<void>;
}

interface Run {
  /** Undefined while the next turn is being claimed. */
  claim?: Claim;
  /** Stops that arrived while the turn was being claimed; one of them may be for it. */
  earlyStops: { turnIds: readonly string[]; reason: TurnEnd["kind"] }[];
  controller: AbortController;
  /** More turns of this conversation may be waiting. */
  hasMore: boolean;
}

export function runner(settings: TurnSettings, limits: SlotLimits): Runner {
  const { store, bus, live, log } = settings.services;
  const pool = slots(limits);
  /** By conversation. */
  const runs = new Map<string, Run>();
  /** The callers of `runAll`, by conversation. */
  const idle = new Map<string, PromiseWithResolvers<void>>();
  const inProgress = new Set<Promise<void>>();
  const draining = new AbortController();
  const retry = storeRetries(draining.signal, log);
  const summarizer = summaries(settings);
  const settle = settling(settings, retry, (turn, inputs) => {
    if (!draining.signal.aborted) summarizer.condenseIfLong(turn, inputs);
  });
  const renewing = setInterval(renew, leaseMs / 3);
  renewing.unref();

  const unsubscribe = bus.onCommand((command) => {
    if (command.type === "wake") wake(command.conversationId, command.userId, command.turnId);
    else if (command.type === "stop") stop(command.turnIds, command.reason);
  });

  function stop(turnIds: readonly string[], reason: TurnEnd["kind"]): void {
    for (const { claim, controller, earlyStops } of runs.values()) {
      if (!claim) earlyStops.push({ turnIds, reason });
      else if (turnIds.includes(claim.turn.id)) controller.abort(new TurnEnd(reason));
    }
  }

  /** Lets `drain` wait for the work. */
  function track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => log.error({ err: error }, "a turn could not be ended"))
      .finally(() => inProgress.delete(tracked));
    inProgress.add(tracked);
  }

  /** `turnId`: the turn that goes on. Its members hear it if it has to wait for a slot. */
  function wake(conversationId: string, userId: string, turnId?: string): void {
    const run = runs.get(conversationId);
    const next = () => track(runNext(conversationId, userId));
    if (draining.signal.aborted) becomeIdle(conversationId);
    else if (run) run.hasMore = true;
    else if (!pool.wait(conversationId, userId, next) && turnId)
      bus.publish(conversationId, { type: "stage", turnId, stage: { stage: "queued" } });
  }

  function becomeIdle(conversationId: string): void {
    idle.get(conversationId)?.resolve();
    idle.delete(conversationId);
  }

  /** Claims and runs the next turn. The caller holds a slot. */
  async function runNext(conversationId: string, userId: string): Promise<void> {
    const other = runs.get(conversationId);
    if (other) {
      other.hasMore = true; // a newer turn was accepted and claimed at once while this one waited for a slot
      pool.release(userId);
      return;
    }
    const run: Run = { controller: new AbortController(), hasMore: false, earlyStops: [] };
    runs.set(conversationId, run);
    const claim = await retry("claim a turn", () => store.turns.claim(conversationId));
    await new Promise(setImmediate); // the `ok` reply of this turn's message goes out first
    if (!claim) return ended(run, conversationId, userId);
    run.claim = claim;
    run.hasMore = true;
    for (const { turnIds, reason } of run.earlyStops) stop(turnIds, reason);
    await runOne(run, claim);
  }

  async function runOne(run: Run, claim: Claim): Promise<void> {
    const { turn } = claim;
    const { id: turnId, conversationId, userId, attempt } = turn;
    const unfollow = live.follow(conversationId);
    try {
      if (draining.signal.aborted) return await settle.release(claim);
      const left = attempt > 1 ? await retry("read what a turn has left", () => leftBy(store, turn)) : nothingLeft;
      if (!left) return await settle.release(claim);
      bus.publish(conversationId, beganEvent(turn, left));
      const finished = await runTurn(settings, claim, left, run.controller.signal);
      if (finished.outcome) await settle.finish(claim, finished, finished.outcome);
      else if (finished.wait) await settle.wait(claim, finished.wait, run.controller.signal);
      else bus.publish(conversationId, { type: "abandoned", turnId });
      if (finished.isInterrupted) await settle.release(claim);
    } finally {
      unfollow();
      ended(run, conversationId, userId);
    }
  }

  function ended(run: Run, conversationId: string, userId: string): void {
    if (runs.get(conversationId) === run) runs.delete(conversationId);
    pool.release(userId);
    if (run.hasMore) wake(conversationId, userId);
    else if (!runs.has(conversationId)) becomeIdle(conversationId);
  }

  function renew(): void {
    const held = [...runs.values()].flatMap(({ claim, controller }) => (claim ? [{ claim, controller }] : []));
    if (held.length === 0) return;
    store.turns.renew(held.map(({ claim }) => claim)).then(
      (lost) => {
        for (const { claim, controller } of held) if (lost.includes(claim)) controller.abort(new TurnEnd("lost"));
      },
      (error: unknown) => log.warn({ err: error }, "claims were not renewed"),
    );
  }

  return {
    takeSlot: (userId) => !draining.signal.aborted && pool.take(userId),
    releaseSlot: pool.release,
    admit(claim) {
      const { conversationId } = claim.turn;
      // The turn before it may still be ending. This run then takes over its `hasMore`.
      const hasMore = runs.get(conversationId)?.hasMore ?? false;
      const run: Run = { claim, controller: new AbortController(), hasMore, earlyStops: [] };
      runs.set(conversationId, run);
      return () => track(runOne(run, claim));
    },
    async runAll(conversationId, userId) {
      const waiting = idle.get(conversationId) ?? Promise.withResolvers<void>();
      idle.set(conversationId, waiting);
      wake(conversationId, userId);
      await waiting.promise;
    },
    async drain(timeoutMs) {
      draining.abort();
      pool.close();
      summarizer.abort();
      const timer = setTimeout(() => {
        for (const { controller } of runs.values()) controller.abort(new TurnEnd("shutdown"));
      }, timeoutMs);
      while (inProgress.size > 0) await Promise.all(inProgress);
      clearTimeout(timer);
      clearInterval(renewing);
      unsubscribe();
      for (const conversationId of idle.keys()) becomeIdle(conversationId);
    },
  };
}
