import type { Brain } from "../../graphs/brain.ts";
import { ModelFailure } from "../../graphs/failure.ts";
import type { JsonObject, TurnContext } from "../../graphs/host.ts";
import { ChannelError } from "../errors.ts";
import { StoreBusy } from "../store/store.ts";
import type { Outcome, Produced, Turn } from "../store/turns.ts";
import type { Wait } from "../store/waits.ts";
import type { Trace } from "../telemetry/tracing.ts";
import { routedBefore, waitOf } from "./begin-wait.ts";
import { answered, changed, failed, NoAnswer, TurnEnd, turnError, withoutEmpty } from "./outcome.ts";
import type { Held } from "./renewing.ts";
import { memoryOf, type Remembered, type SessionMemory } from "./session-memory.ts";
import { contextOf } from "./silent-host.ts";
import { type TurnHost, turnHost } from "./turn-host.ts";
import type { TurnServices } from "./turn-services.ts";
import { accountOf, type Left, promptsOf, WaitSignal } from "./waiting.ts";

export interface TurnSettings {
  brain: () => Brain;
  services: TurnServices;
  memory: SessionMemory;
  turnTimeoutMs: number;
  /** Stores the prompt texts. */
  keepPrompts: (prompts: TurnHost["prompts"]) => void;
  /** `facts` returns the route and the response's metadata so far. */
  trace: (turn: Turn, facts: () => JsonObject) => Trace;
  /** An attempt begins; `wait` is what the turn waited for before. The returned function is called when it has ended. */
  observe: (turn: Turn, wait: Wait | undefined) => (end: Finished) => void;
}

const maxCrashes = 3;

/** The result of a run. It has no outcome if the turn waits, the session was reset, the claim was lost, or the server shut down. */
export interface Finished {
  outcome?: Outcome;
  /** The turn waits for a person. */
  wait?: Wait;
  /** What a stock graph leaves to later turns. */
  produced?: Produced;
  /** What the model told about its thinking. Undefined if there is none. */
  reasoning?: string;
  /** Undefined if the graph was not started. */
  inputs?: {
    remembered: Remembered;
    context: TurnContext;
    /** The least room in tokens that a request had for the memory. */
    room: () => number;
  };
  /** The server shuts down, or cannot reach the store: the turn has to run again. */
  isInterrupted?: boolean;
}

/** Runs a claimed turn. `left` is what earlier attempts have left. Never throws: a failure is an outcome. */
export async function runTurn(
  settings: TurnSettings,
  { claim, lease, controller }: Held,
  left: Left,
): Promise<Finished> {
  const { services, memory, turnTimeoutMs } = settings;
  const { turn } = claim;
  const { store, live, failures, metrics } = services;
  const before = accountOf(left.wait);
  const clock = deadline(turnTimeoutMs - (before?.ms ?? 0), controller.signal);
  let inputs: Finished["inputs"];
  let host: TurnHost | undefined;
  const said = () => live.running(turn.conversationId);
  const ended = (outcome: Outcome): Finished => {
    return { outcome, reasoning: said()?.reasoning?.text(), inputs, produced: host?.leaves };
  };
  const answer = (metadata: JsonObject = {}) => ({
    text: said()?.answer.text() ?? "",
    route: host?.account.route,
    metadata,
    firstWordMs: host?.account.firstWordMs,
  });

  try {
    if (turn.crashes >= maxCrashes) {
      throw new ChannelError("interrupted", "The server crashed three times during this turn.");
    }
    const prompts = await promptsOf(left.wait, services.prompts(), store.records);
    const running = turnHost(services, claim, { prompts, left, lease, fail: clock.abort });
    host = running;
    clock.signal.addEventListener("abort", () => running.seal(), { once: true });
    if (before?.route && !Object.hasOwn(settings.brain().engines, before.route.conversation_type)) throw changed();
    const remembered = await memory.load(claim);
    settings.keepPrompts(host.prompts);
    const routed = routedBefore(before?.route);
    const context = contextOf(turn.request, host, memoryOf(remembered), { routed, attachments: host.attachments });
    inputs = { remembered, context, room: () => running.room };
    const findings = await runGraph(settings, turn, context, running, clock.signal);
    return ended(answered(turn, answer({ ...host.report(), ...findings })));
  } catch (error) {
    host?.seal();
    let cause: unknown = clock.signal.aborted ? clock.signal.reason : error;
    if (cause instanceof TurnEnd && (cause.kind === "lost" || cause.kind === "expired")) metrics.leaseLost();
    if (cause instanceof TurnEnd && cause.kind !== "stopped")
      return { isInterrupted: cause.kind === "shutdown" || cause.kind === "expired" };
    if (store.isShared && isStoreBusy(cause)) return { isInterrupted: true };
    const metadata = host?.report();
    if (cause instanceof TurnEnd) return ended(answered(turn, answer(metadata), true));
    if (host?.asked && cause instanceof WaitSignal) {
      try {
        return { wait: waitOf(turn, left.wait, host, said(), inputs?.remembered) };
      } catch (tooLong) {
        cause = tooLong;
      }
    }
    const clientError = turnError(cause);
    const engine = host?.account.route?.conversation_type;
    failures.turn({ turn_id: turn.id, engine, code: clientError.code }, cause, host?.failedSteps.splice(0) ?? []);
    return ended(failed(turn, answer(metadata), clientError));
  } finally {
    clock.stop();
    failures.steps(turn.id, host?.failedSteps ?? []);
  }
}

/** Runs the graph and returns the engine's findings. Rejects as soon as the signal aborts, even if a node ignores the signal. */
async function runGraph(
  { brain, services, trace }: TurnSettings,
  turn: Turn,
  context: TurnContext,
  host: TurnHost,
  signal: AbortSignal,
): Promise<JsonObject> {
  signal.throwIfAborted();
  const { id: turn_id, conversationId, sessionId: session_id, userId: user_id, request } = turn;
  const facts = () => ({ ...host.account.route, ...host.account.metadata() });
  const configurable = { conversation_id: conversationId, session_id, turn_id, user_id };
  const config = { ...trace(turn, facts), configurable, context, signal };
  const graph = brain().conversation.invoke({ question: request.query }, config);
  const { answer = "", findings = {}, route = "" } = await abortable(graph, signal);
  signal.throwIfAborted(); // the host has been silent since then
  if (!services.live.running(conversationId)?.answer.length) host.delta(answer); // the node returned its answer without streaming it
  host.seal();
  if (!services.live.running(conversationId)?.answer.text().trim()) throw new NoAnswer(route);
  return withoutEmpty(findings);
}

function isStoreBusy(error: unknown): boolean {
  return error instanceof StoreBusy || (error instanceof Error && isStoreBusy(error.cause));
}

/** Rejects with the signal's reason as soon as it aborts. */
async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** A signal that aborts with the outer one, or when the time limit is reached. */
function deadline(limitMs: number, outer: AbortSignal) {
  const controller = new AbortController();
  const end = () => controller.abort(outer.reason);
  const timer = setTimeout(
    () => controller.abort(new ModelFailure("model_timeout", "The turn took too long.")),
    Math.max(limitMs, 1),
  );
  outer.addEventListener("abort", end, { once: true });
  if (outer.aborted) end();
  return {
    signal: controller.signal,
    abort: (reason: unknown) => controller.abort(reason),
    stop() {
      clearTimeout(timer);
      outer.removeEventListener("abort", end);
    },
  };
}
