import type { Beginning, Claim, Outcome } from "../store/store.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { insistence } from "./insist.ts";
import { TurnEnd } from "./outcome.ts";
import { type Afterwards, runTurn, type TurnSettings } from "./run-turn.ts";
import { terminalEvent } from "./terminal-event.ts";
import { type Tidying, tidying } from "./tidying.ts";

/** Checkpoints kept of each thread: one a turn, for going back. */
const keptCheckpoints = 20;

/** Runs the turns of each conversation one at a time, in the order accepted. Knows no socket: members come and go. */
export interface Runner {
  /** There is, or may be, something to run. */
  wake(conversationId: string): void;
  /** The turn that runs here now. */
  running(conversationId: string): string | undefined;
  /** Ends the running turn, if it is this one; resolves when it is over, to whether it was ended by this. */
  stop(conversationId: string, turnId: string): Promise<boolean>;
  /** Ends whatever runs of these turns, and the work beside them, at once; resolves when it is over. */
  reset(conversationId: string, turnIds: readonly string[]): Promise<void>;
  /** Begins no more turns; after at most so long those that still run are broken off, to be taken up at the next start. */
  drain(timeoutMs: number): Promise<void>;
}

interface Run {
  /** Set while a turn runs; `over` resolves to its outcome, if it has one. */
  turn?: { id: string; controller: AbortController; over: Promise<Outcome | undefined> };
  tidying?: Tidying;
  /** Both tell that there may be more to run: the one to look at, the other to wait for. */
  isWoken: boolean;
  woken: PromiseWithResolvers<void>;
  ended: Promise<void>;
}

export function runner(settings: TurnSettings, metrics: Metrics): Runner {
  const { workshop, log } = settings;
  const { store, live } = workshop;
  const runs = new Map<string, Run>();
  const draining = new AbortController();
  const insist = insistence(draining.signal, log);

  function wake(conversationId: string): void {
    if (draining.signal.aborted) return;
    const known = runs.get(conversationId);
    if (known) {
      known.isWoken = true;
      known.woken.resolve();
      return;
    }
    const run: Run = { isWoken: false, woken: Promise.withResolvers(), ended: Promise.resolve() };
    runs.set(conversationId, run);
    run.ended = runAll(conversationId, run).catch((error: unknown) => {
      log.error({ conversation_id: conversationId, err: error }, "runner failed");
    });
  }

  async function runAll(conversationId: string, run: Run): Promise<void> {
    try {
      while (true) {
        run.isWoken = false;
        run.woken = Promise.withResolvers();
        const isDraining = draining.signal.aborted;
        const claim = isDraining ? undefined : await insist("claim a turn", () => store.claim(conversationId));
        if (claim) await one(run, claim);
        else if (run.tidying) await Promise.race([run.tidying.ready, run.woken.promise]);
        else if (!run.isWoken) return;
        if (run.tidying?.isReady()) await finishTidying(run, run.tidying);
      }
    } finally {
      runs.delete(conversationId);
    }
  }

  /** A claim that is not run is no crash. Never rejects: at worst the next start takes it for one. */
  async function giveBack(claim: Claim): Promise<void> {
    try {
      await store.release(claim);
    } catch (error) {
      log.warn({ turn_id: claim.turn.id, err: error }, "a claim was not given back");
    }
  }

  async function finishTidying(run: Run, tidying: Tidying): Promise<void> {
    run.tidying = undefined;
    await tidying.finish();
  }

  async function one(run: Run, claim: Claim): Promise<void> {
    const { id, conversationId, sessionId } = claim.turn;
    const controller = new AbortController();
    const over = Promise.withResolvers<Outcome | undefined>();
    run.turn = { id, controller, over: over.promise };
    let outcome: Outcome | undefined;
    try {
      const finished = await runTurn(settings, claim, controller.signal);
      outcome = finished.outcome && (await finish(claim, finished.outcome, finished.beginning));
      if (finished.isBrokenOff) await giveBack(claim);
      if (outcome) await tidy(run, sessionId, finished.afterwards);
    } finally {
      live.end(conversationId);
      run.turn = undefined;
      over.resolve(outcome);
    }
  }

  /** Writes the outcome down, then tells it; undefined when the turn was somebody else's to end meanwhile. */
  async function finish(claim: Claim, outcome: Outcome, beginning?: Beginning): Promise<Outcome | undefined> {
    const { id, conversationId } = claim.turn;
    const isOurs = await insist("end a turn", () => store.finish(claim, outcome, beginning));
    const turn = live.running(conversationId);
    live.end(conversationId);
    if (!isOurs) return undefined;
    metrics.turn(outcome);
    log.info({ turn_id: id, conversation_id: conversationId, ...summary(outcome) }, "turn ended");
    live.publish(conversationId, { type: "ended", turn, terminal: terminalEvent(claim.turn, outcome) });
    return outcome;
  }

  /** What no answer waits for. */
  async function tidy(run: Run, sessionId: string, afterwards?: Afterwards): Promise<void> {
    try {
      await store.prune(sessionId, keptCheckpoints);
    } catch (error) {
      log.warn({ session_id: sessionId, err: error }, "old checkpoints were not pruned");
    }
    if (afterwards && !draining.signal.aborted) run.tidying ??= tidying(afterwards, sessionId, log);
  }

  return {
    wake,
    running: (conversationId) => runs.get(conversationId)?.turn?.id,
    async stop(conversationId, turnId) {
      const turn = runs.get(conversationId)?.turn;
      if (turn?.id !== turnId) return false;
      turn.controller.abort(new TurnEnd("stopped"));
      const outcome = await turn.over;
      return outcome?.status === "stopped";
    },
    async reset(conversationId, turnIds) {
      const { turn, tidying } = runs.get(conversationId) ?? {};
      tidying?.abort();
      if (!turn || !turnIds.includes(turn.id)) return;
      turn.controller.abort(new TurnEnd("reset"));
      await turn.over;
    },
    async drain(timeoutMs) {
      draining.abort();
      for (const { tidying } of runs.values()) tidying?.abort();
      const ended = Promise.all([...runs.values()].map((run) => run.ended));
      const timer = setTimeout(() => {
        for (const { turn } of runs.values()) turn?.controller.abort(new TurnEnd("shutdown"));
      }, timeoutMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

function summary({ status, conversationType, metadata }: Outcome) {
  return { status, engine: conversationType, duration_ms: metadata.processing_time, usage: metadata.usage };
}
