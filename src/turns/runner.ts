import { type Claim, leaseMs, type Outcome } from "../store/turns.ts";
import { insistence } from "./insist.ts";
import { TurnEnd } from "./outcome.ts";
import { type Finished, runTurn, type TurnSettings } from "./run-turn.ts";
import { memoryRefsOf } from "./session-memory.ts";
import { type SlotLimits, slots } from "./slots.ts";
import { summaries } from "./summaries.ts";
import { terminalEvent } from "./terminal-event.ts";

/** Runs the turns of each conversation one at a time, in the order accepted. Knows no socket: members come and go. */
export interface Runner {
  /** Takes a slot for a turn of this user: for `admit`, or to be given back. False when there is none. */
  takeSlot(userId: string): boolean;
  giveSlot(userId: string): void;
  /** Takes over a turn that was claimed with a slot. It can be stopped from now on, and runs once the returned function is called. */
  admit(claim: Claim): () => void;
  /** Runs what the conversation has to run, as soon as there are slots. Resolves when nothing of it is left here. */
  settle(conversationId: string, userId: string): Promise<void>;
  /** Begins no more turns; those that still run after so long are broken off, to be taken up at the next start. */
  drain(timeoutMs: number): Promise<void>;
}

interface Run {
  /** Undefined while the next turn is being claimed. */
  claim?: Claim;
  /** Stops that came while it was being claimed: one of them may be meant for it. */
  early: { turnIds: readonly string[]; reason: TurnEnd["kind"] }[];
  controller: AbortController;
  /** There may be more to run behind it. */
  isWoken: boolean;
}

export function runner(settings: TurnSettings, limits: SlotLimits): Runner {
  const { services, memory } = settings;
  const { store, bus, live, metrics, log } = services;
  const room = slots(limits);
  /** By conversation. */
  const runs = new Map<string, Run>();
  /** Whoever waits until nothing of a conversation is left to run. */
  const settling = new Map<string, PromiseWithResolvers<void>>();
  const underWay = new Set<Promise<void>>();
  const draining = new AbortController();
  const insist = insistence(draining.signal, log);
  const condensing = summaries(settings);
  const renewing = setInterval(renew, leaseMs / 3);
  renewing.unref();

  const resign = bus.obey((order) => {
    if (order.type === "wake") wake(order.conversationId, order.userId);
    else stop(order.turnIds, order.reason);
  });

  function stop(turnIds: readonly string[], reason: TurnEnd["kind"]): void {
    for (const { claim, controller, early } of runs.values()) {
      if (!claim) early.push({ turnIds, reason });
      else if (turnIds.includes(claim.turn.id)) controller.abort(new TurnEnd(reason));
    }
  }

  /** Keeps what is under way, so that a drain can wait for it. */
  function keep(work: Promise<void>): void {
    const kept = work
      .catch((error: unknown) => log.error({ err: error }, "a turn could not be ended"))
      .finally(() => underWay.delete(kept));
    underWay.add(kept);
  }

  function wake(conversationId: string, userId: string): void {
    const run = runs.get(conversationId);
    if (draining.signal.aborted) settled(conversationId);
    else if (run) run.isWoken = true;
    else room.wait(conversationId, userId, () => keep(next(conversationId, userId)));
  }

  function settled(conversationId: string): void {
    settling.get(conversationId)?.resolve();
    settling.delete(conversationId);
  }

  /** Claims the next turn and runs it, in a slot that is taken. There may be more behind it. */
  async function next(conversationId: string, userId: string): Promise<void> {
    const other = runs.get(conversationId);
    if (other) {
      other.isWoken = true; // another turn was accepted and claimed while this one waited for its slot
      room.give(userId);
      return;
    }
    const run: Run = { controller: new AbortController(), isWoken: false, early: [] };
    runs.set(conversationId, run);
    const claim = await insist("claim a turn", () => store.turns.claim(conversationId));
    await new Promise(setImmediate); // whoever was told meanwhile that this turn is accepted says so first
    if (!claim) return leave(run, conversationId, userId);
    run.claim = claim;
    run.isWoken = true;
    for (const { turnIds, reason } of run.early) stop(turnIds, reason);
    await one(run, claim);
  }

  async function one(run: Run, claim: Claim): Promise<void> {
    const { id: turnId, conversationId, userId, request, attempt } = claim.turn;
    const unfollow = live.follow(conversationId);
    try {
      if (draining.signal.aborted) return await giveBack(claim);
      bus.publish(conversationId, { type: "began", turnId, query: request.query, restarts: attempt - 1 });
      const finished = await runTurn(settings, claim, run.controller.signal);
      if (finished.outcome) await finish(claim, finished, finished.outcome);
      else bus.publish(conversationId, { type: "left", turnId });
      if (finished.isBrokenOff) await giveBack(claim);
    } finally {
      unfollow();
      leave(run, conversationId, userId);
    }
  }

  function leave(run: Run, conversationId: string, userId: string): void {
    if (runs.get(conversationId) === run) runs.delete(conversationId);
    room.give(userId);
    if (run.isWoken) wake(conversationId, userId);
    else if (!runs.has(conversationId)) settled(conversationId);
  }

  /** Writes the outcome down, then tells it. Nothing is told when the turn was somebody else's to end meanwhile. */
  async function finish(claim: Claim, { asked }: Finished, outcome: Outcome): Promise<void> {
    const { turn } = claim;
    const refs = asked && memoryRefsOf(asked.remembered);
    const isSent = live.isWatched(turn.conversationId);
    const isOurs = await insist("end a turn", () => store.turns.finish(claim, { outcome, memory: refs, isSent }));
    if (!isOurs) return bus.publish(turn.conversationId, { type: "left", turnId: turn.id });
    const exchanged = { query: turn.request.query, response: outcome.response };
    const remembered = asked && memory.add(claim, asked.remembered, exchanged);
    bus.publish(turn.conversationId, { type: "ended", turnId: turn.id, terminal: terminalEvent(turn, outcome) });
    metrics.turn(outcome);
    log.info({ turn_id: turn.id, conversation_id: turn.conversationId, ...summary(outcome) }, "turn ended");
    if (asked && remembered && !draining.signal.aborted) condensing.consider(turn, asked.context, remembered);
  }

  /** A claim that is not run is no crash. Never rejects: at worst the next start takes it for one. */
  async function giveBack(claim: Claim): Promise<void> {
    try {
      await store.turns.release(claim);
    } catch (error) {
      log.warn({ turn_id: claim.turn.id, err: error }, "a claim was not given back");
    }
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
    takeSlot: (userId) => !draining.signal.aborted && room.take(userId),
    giveSlot: room.give,
    admit(claim) {
      const { conversationId } = claim.turn;
      // The turn before it may still be on its way out; what woke that one is for this one to look after.
      const isWoken = runs.get(conversationId)?.isWoken ?? false;
      const run: Run = { claim, controller: new AbortController(), isWoken, early: [] };
      runs.set(conversationId, run);
      return () => keep(one(run, claim));
    },
    async settle(conversationId, userId) {
      const waiting = settling.get(conversationId) ?? Promise.withResolvers<void>();
      settling.set(conversationId, waiting);
      wake(conversationId, userId);
      await waiting.promise;
    },
    async drain(timeoutMs) {
      draining.abort();
      room.close();
      condensing.abort();
      const timer = setTimeout(() => {
        for (const { controller } of runs.values()) controller.abort(new TurnEnd("shutdown"));
      }, timeoutMs);
      while (underWay.size > 0) await Promise.all(underWay);
      clearTimeout(timer);
      clearInterval(renewing);
      resign();
      for (const conversationId of settling.keys()) settled(conversationId);
    },
  };
}

function summary({ status, conversationType, metadata }: Outcome) {
  return { status, engine: conversationType, duration_ms: metadata.processing_time, usage: metadata.usage };
}
