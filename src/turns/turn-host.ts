import { MemorySaver } from "@langchain/langgraph";

import type { Dialects } from "../../graphs/dialects.ts";
import type {
  ChatModel,
  Host,
  JsonObject,
  Memory,
  ModelRequest,
  Progress,
  RoutingPolicy,
  TurnContext,
} from "../../graphs/host.ts";
import type { PromptSet } from "../../graphs/prompt.ts";
import { type Store, StoreBusy } from "../store/store.ts";
import type { Claim, TurnRequest } from "../store/turns.ts";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Bus } from "./bus.ts";
import type { FailedStep, FailureLog } from "./failure-log.ts";
import { type Ledger, ledger, type Route } from "./ledger.ts";
import type { Live } from "./live.ts";
import { bounded, pieces } from "./pieces.ts";

/** In UTF-8. Longer reasoning is cut. */
const maxReasoningBytes = 262_144;

/** What every run of a graph needs to call models. */
export interface ModelServices {
  models: (request: ModelRequest) => ChatModel[];
  price: Host["price"];
  dialects: Dialects;
  routing: RoutingPolicy;
}

/** What a turn of a conversation needs besides. */
export interface TurnServices extends ModelServices {
  prompts: () => PromptSet;
  store: Store;
  bus: Bus;
  live: Live;
  metrics: Metrics;
  log: Log;
  failures: FailureLog;
}

/** The host of one turn. */
export interface TurnHost extends Host {
  readonly account: Ledger;
  /** Those that are not logged yet: the turn will probably fail for the same reason, and then one line is enough. */
  readonly failedSteps: FailedStep[];
  /** The least room that a request had for the memory, in tokens. Infinity if all of them had enough. */
  readonly room: number;
  /** From now on, nothing that nodes do reaches clients or the store. What they spend still counts. */
  seal(): void;
}

/** A host that reports nothing and keeps no steps. Callers override what they need. */
export function silentHost(services: ModelServices, prompts: PromptSet, account: Ledger): Host {
  const { models, price, dialects, routing } = services;
  return {
    models,
    price,
    dialects,
    routing,
    prompts,
    progress() {},
    stepFailed() {},
    delta() {},
    reasoning() {},
    restart() {},
    warn() {},
    memoryRoom() {},
    spent: account.spent,
    answered: account.answered,
    report: account.metadata,
    step: (_name, run) => run(),
    toolCall: () => Promise.resolve(),
    custom() {},
    saver: () => new MemorySaver(),
    resume: undefined,
    wait() {
      throw new Error("This run cannot wait for a person.");
    },
    produced() {},
    lastKept: () => Promise.resolve(undefined),
  };
}

export function turnHost(services: TurnServices, claim: Claim, kept: ReadonlyMap<string, string>): TurnHost {
  const { store, bus, metrics, log, failures } = services;
  const { id: turnId, conversationId, attempt } = claim.turn;
  const account = ledger();
  const answer = pieces(attempt - 1, (restarts, offset, text) =>
    bus.publish(conversationId, { type: "text", turnId, restarts, offset, text }),
  );
  const thoughts = pieces(attempt - 1, (restarts, offset, text) =>
    bus.publish(conversationId, { type: "reasoning", turnId, restarts, offset, text }),
  );
  const reasoning = bounded(thoughts, maxReasoningBytes, () =>
    log.warn(
      { turn_id: turnId, max_bytes: maxReasoningBytes },
      "the model's reasoning is too long; the rest is dropped",
    ),
  );
  const failedSteps: FailedStep[] = [];
  let isSealed = false;
  let room = Number.POSITIVE_INFINITY;

  /** If the store is busy, the turn continues without the stored result; after a crash the step would run again. */
  async function keep(name: string, result: string): Promise<void> {
    try {
      await store.turns.keepStep(claim, name, result);
    } catch (error) {
      if (!(error instanceof StoreBusy)) throw error;
      log.warn({ turn_id: turnId, step: name, err: error }, "a step's result was not stored");
    }
  }

  return {
    ...silentHost(services, services.prompts(), account),
    account,
    failedSteps,
    get room() {
      return room;
    },
    seal() {
      isSealed = true;
    },
    progress(progress) {
      if (isSealed) return;
      if (progress.type === "routed") account.routed(routeOf(progress));
      bus.publish(conversationId, { type: "stage", turnId, stage: stageOf(progress) });
    },
    stepFailed(step, failure, cause) {
      metrics.stepFailed(step, failure.code);
      if (cause?.inAnyForm) failedSteps.push({ step, failure, cause });
      else failures.steps(turnId, [{ step, failure, cause }]);
      account.warn(`The step "${step}" failed (${failure.code}); the answer was made without it.`);
    },
    warn: account.warn,
    memoryRoom(tokens) {
      room = Math.min(room, tokens);
    },
    delta(piece) {
      if (isSealed || piece === "") return;
      if (failedSteps.length > 0) failures.steps(turnId, failedSteps.splice(0));
      if (thoughts.isDiscarded) thoughts.add(""); // this attempt answers without reasoning
      account.wrote();
      answer.add(piece);
    },
    reasoning(piece) {
      if (!isSealed && piece !== "") reasoning.add(piece);
    },
    restart() {
      answer.restart();
      reasoning.restart();
    },
    spent(spending) {
      account.spent(spending);
      metrics.spent(account.route?.conversation_type ?? "router", spending);
    },
    async step<T>(name: string, run: () => Promise<T>): Promise<T> {
      const known = kept.get(name);
      if (known !== undefined) return JSON.parse(known) as T; // stored below by the same step
      const result = await run();
      if (!isSealed) await keep(name, JSON.stringify(result));
      return result;
    },
  };
}

/** The context that the graph's nodes get. */
export function contextOf(request: Omit<TurnRequest, "query">, host: Host, memory: Memory): TurnContext {
  const { context, options, preferences, sampling, engine = null } = request;
  return { host, memory, context, options, preferences, sampling, engine, started: new Map() };
}

export function routeOf({ route, routed_to, routing }: Extract<Progress, { type: "routed" }>): Route {
  return { conversation_type: route, routed_to, routing: { ...routing } };
}

/** The payload of the `thinking` event for this progress, without its `turn_id`. */
export function stageOf(progress: Progress): JsonObject {
  switch (progress.type) {
    case "routed":
      return { stage: "routed", ...routeOf(progress) };
    case "step_started":
      return { stage: "step_started", step: progress.step };
    case "step_finished": {
      const { step, detail, failed } = progress;
      return { stage: "step_finished", step, detail, ...(failed && { failed: true }) };
    }
    case "answering":
      return { stage: "answering" };
    default:
      return progress satisfies never;
  }
}
