import { ModelFailure } from "../../graphs/failure.ts";
import type { PromptSet } from "../../graphs/prompt.ts";
import { ChannelError } from "../errors.ts";
import { type Beginning, type Claim, decidedEnd, type Outcome, type Store, type Turn } from "../store/store.ts";
import type { Log } from "../telemetry/log.ts";
import { beginningOf } from "./beginning.ts";
import { contextOf, type TurnHost, turnHost, type Workshop } from "./host.ts";
import { LiveTurn } from "./live-turn.ts";
import { answered, failed, TurnEnd, turnError } from "./outcome.ts";
import { type Brain, type Trace, thread } from "./thread.ts";

export interface TurnSettings {
  brain: () => Brain;
  workshop: Workshop;
  turnTimeoutMs: number;
  trace: (turn: Turn, host: TurnHost) => Trace;
  log: Log;
}

const mostCrashes = 3;

/** So many turns make the memory again where its checkpoint is gone. */
const remadeTurns = 10;

/** What a run leaves behind. No outcome: somebody else ended the turn, or the server broke it off. */
export interface Finished {
  outcome?: Outcome;
  /** What it was asked with, where that is known. */
  beginning?: Beginning;
  /** True when the turn is to be taken up again. */
  isBrokenOff?: boolean;
  /** Work that no answer waits for; what it resolves to is done between two turns. */
  afterwards?: Afterwards;
}

export type Afterwards = (signal: AbortSignal) => Promise<(() => Promise<void>) | undefined>;

/** Runs a claimed turn to its outcome. Never throws: a failure is an outcome. */
export async function runTurn(settings: TurnSettings, claim: Claim, signal: AbortSignal): Promise<Finished> {
  const { workshop, turnTimeoutMs, log } = settings;
  const brain = settings.brain();
  const { turn } = claim;
  const liveTurn = new LiveTurn(turn.id, turn.request.query, turn.attempt - 1);
  const host = turnHost(workshop, claim, liveTurn);
  const context = contextOf(turn.request, host);
  const session = thread(brain, turn.sessionId);
  const clock = deadline(turnTimeoutMs, signal);
  const broken = () => ({
    text: liveTurn.text(),
    route: host.route,
    metadata: { ...host.report(), ...routingOf(host) },
  });

  /** What was decided is written down before the thread is closed by it: a process that dies between the two must not decide again. */
  async function close(outcome: Outcome): Promise<Finished> {
    try {
      await workshop.store.keepStep(claim, decidedEnd, JSON.stringify(outcome));
      await session.close(turn, outcome.response);
    } catch (error) {
      log.error({ turn_id: turn.id, err: error }, "the thread could not be closed");
    }
    return { outcome, beginning: beginningOf(host, context.memory) };
  }

  keepTexts(workshop.store, host.prompts, log);
  workshop.live.begin(turn.conversationId, liveTurn);
  try {
    const ended = turn.attempt > 1 ? await workshop.store.step(turn.id, decidedEnd) : undefined;
    if (ended) {
      const outcome: Outcome = JSON.parse(ended);
      if (outcome.response) host.delta(outcome.response);
      return await close(outcome);
    }
    if (turn.crashes >= mostCrashes)
      throw new ChannelError("interrupted", "The server broke off this turn three times.");
    const earlier = turn.attempt > 1 ? await session.answered(turn.id) : undefined;
    if (!earlier) await rewind(session, workshop.store, turn);
    if (earlier?.answer) host.delta(earlier.answer);
    const state = earlier ?? (await session.run(turn, context, clock.signal, settings.trace(turn, host)));
    const { answer: text = "", metadata = {}, route } = state;
    const outcome = answered(turn, { text, metadata, route: routeNamed(brain, route) });
    const beginning = beginningOf(host, context.memory);
    return { outcome, beginning, afterwards: (stop) => session.condense(context, state, stop) };
  } catch (error) {
    const cause: unknown = clock.signal.aborted ? clock.signal.reason : error;
    if (cause instanceof TurnEnd && cause.kind !== "stopped") return { isBrokenOff: cause.kind === "shutdown" };
    if (cause instanceof TurnEnd) return await close(answered(turn, broken(), true));
    const clientError = turnError(cause);
    log.warn({ turn_id: turn.id, code: clientError.code, err: cause }, "turn failed");
    return await close(failed(broken(), clientError));
  } finally {
    clock.stop();
  }
}

/** Sets of prompts whose texts are kept, or on their way to be. */
const keptPrompts = new WeakMap<Store, WeakSet<PromptSet>>();

/** Keeps what the turn may be asked with, once for each state of the prompt folder; no answer waits for it. */
function keepTexts(store: Store, prompts: PromptSet, log: Log): void {
  const kept = keptPrompts.get(store) ?? new WeakSet();
  if (kept.has(prompts)) return;
  keptPrompts.set(store, kept.add(prompts));
  store.keepTexts([...prompts.values()]).catch((error: unknown) => {
    kept.delete(prompts);
    log.error({ err: error }, "the texts of the prompts were not kept");
  });
}

/** Takes what has left the history out of the thread. */
async function rewind(session: ReturnType<typeof thread>, store: Store, turn: Turn): Promise<void> {
  const superseded = await store.superseded(turn);
  if (superseded.length === 0) return;
  const earlier = async () => (await store.history(turn.conversationId, remadeTurns, turn.id))?.turns ?? [];
  await session.rewind(superseded, earlier);
  await store.rewound(superseded);
}

function routeNamed({ engines }: Brain, type: string | undefined) {
  const known = new Map<string | undefined, Brain["engines"][keyof Brain["engines"]]>(Object.entries(engines)).get(
    type,
  );
  return known && type !== undefined ? { conversation_type: type, routed_to: known.routedTo } : undefined;
}

function routingOf({ route }: TurnHost) {
  return route ? { routing: route.routing } : {};
}

/** A signal of its own for the turn, which also ends it when its time is up. */
function deadline(limitMs: number, outer: AbortSignal) {
  const controller = new AbortController();
  const end = () => controller.abort(outer.reason);
  const timer = setTimeout(
    () => controller.abort(new ModelFailure("model_timeout", "The turn took too long.")),
    limitMs,
  );
  outer.addEventListener("abort", end, { once: true });
  if (outer.aborted) end();
  return {
    signal: controller.signal,
    stop() {
      clearTimeout(timer);
      outer.removeEventListener("abort", end);
    },
  };
}
