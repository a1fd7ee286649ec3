import type { Metrics } from "../metrics.ts";
import type { Claim, Outcome } from "../store/store.ts";
import { TurnEnd } from "./outcome.ts";
import { type Afterwards, runTurn, type TurnSettings } from "./run-turn.ts";
import { type Tidying, tidying } from "./tidying.ts";

/** Checkpoints kept of each thread: one a turn, for going back. */
const keptCheckpoints = 20;

/** Runs the turns of each conversation one at a time, in the order accepted. Knows no socket: members come and go. */
export interface Runner {
  /** There is, or may be, something to run. */
  wake(conversationId: string): void;
  /** The turn that runs here now. */
  running(conversationId: string): string | undefined;
  /** Ends the running turn, if it is this one; resolves when it is over. */
  stop(conversationId: string, turnId: string, kind: TurnEnd["kind"]): Promise<boolean>;
  /** Begins no more turns; after at most so long those that still run are ended without an outcome, to be taken up at the next start. */
  drain(timeoutMs: number): Promise<void>;
}

interface Run {
  /** Set while a turn runs. */
  turn?: { id: string; controller: AbortController; over: Promise<void> };
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
  let isDraining = false;

  function wake(conversationId: string): void {
    if (isDraining) return;
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
      for (;;) {
        run.isWoken = false;
        run.woken = Promise.withResolvers();
        const claim = await next(conversationId);
        if (claim) await one(run, claim);
        else if (run.tidying) await Promise.race([run.tidying.ready, run.woken.promise]);
        else if (!run.isWoken) return;
        if (run.tidying?.isReady()) await finishTidying(run, run.tidying);
      }
    } finally {
      runs.delete(conversationId);
    }
  }

  async function finishTidying(run: Run, tidying: Tidying): Promise<void> {
    run.tidying = undefined;
    await tidying.finish();
  }

  async function next(conversationId: string): Promise<Claim | undefined> {
    return isDraining ? undefined : await store.claim(conversationId);
  }

  async function one(run: Run, claim: Claim): Promise<void> {
    const { id, conversationId, sessionId } = claim.turn;
    const controller = new AbortController();
    const over = Promise.withResolvers<void>();
    run.turn = { id, controller, over: over.promise };
    try {
      const { outcome, afterwards } = await runTurn(settings, claim, controller.signal);
      if (outcome) await finish(claim, outcome);
      else live.end(conversationId);
      run.turn = undefined;
      over.resolve();
      if (outcome) await tidy(run, sessionId, afterwards);
    } finally {
      live.end(conversationId);
      run.turn = undefined;
      over.resolve();
    }
  }

  async function finish(claim: Claim, outcome: Outcome): Promise<void> {
    const { id, conversationId } = claim.turn;
    const isOurs = await store.finish(claim, outcome);
    const turn = live.running(conversationId);
    live.end(conversationId);
    if (!isOurs) return;
    metrics.turn(outcome);
    log.info({ turn_id: id, conversation_id: conversationId, ...summary(outcome) }, "turn ended");
    if (outcome.terminal) live.publish(conversationId, { type: "ended", turnId: id, turn, terminal: outcome.terminal });
  }

  /** What no answer waits for. */
  async function tidy(run: Run, sessionId: string, afterwards?: Afterwards): Promise<void> {
    await store.prune(sessionId, keptCheckpoints);
    if (afterwards && !isDraining) run.tidying ??= tidying(afterwards, sessionId, log);
  }

  return {
    wake,
    running: (conversationId) => runs.get(conversationId)?.turn?.id,
    async stop(conversationId, turnId, kind) {
      const turn = runs.get(conversationId)?.turn;
      if (turn?.id !== turnId) return false;
      turn.controller.abort(new TurnEnd(kind));
      await turn.over;
      return true;
    },
    async drain(timeoutMs) {
      isDraining = true;
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
