import type { Dialects } from "../../graphs/dialects.ts";
import type {
  ChatModel,
  Host,
  JsonObject,
  ModelRequest,
  Progress,
  RoutingPolicy,
  TurnContext,
} from "../../graphs/host.ts";
import type { PromptSet } from "../../graphs/prompt.ts";
import type { Claim, Store, TurnRequest } from "../store/store.ts";
import { ledger } from "./ledger.ts";
import type { Live } from "./live.ts";
import type { LiveTurn } from "./live-turn.ts";

/** What is the same for all turns. */
export interface Workshop {
  models: (request: ModelRequest) => ChatModel[];
  price: Host["price"];
  dialects: Dialects;
  routing: RoutingPolicy;
  prompts: () => PromptSet;
  store: Store;
  live: Live;
}

/** Where a turn was sent, as soon as it is known. */
export interface Route {
  conversation_type: string;
  routed_to: string;
  routing: JsonObject;
}

/** The host of one turn's graph; `route` is filled when the router has decided. */
export interface TurnHost extends Host {
  route?: Route;
}

export function turnHost(
  { models, price, dialects, routing, prompts, store, live }: Workshop,
  claim: Claim,
  liveTurn: LiveTurn,
): TurnHost {
  const { id: turnId, conversationId } = claim.turn;
  const account = ledger();

  function stage(stage: JsonObject): void {
    liveTurn.stage = stage;
    live.publish(conversationId, { type: "stage", turnId, stage });
  }

  const host: TurnHost = {
    models,
    price,
    dialects,
    routing,
    prompts: prompts(),
    progress(progress) {
      if (progress.type === "routed") host.route = routeOf(progress);
      stage(stageOf(progress));
    },
    delta(text) {
      liveTurn.append(text);
      live.publish(conversationId, { type: "text", turn: liveTurn });
    },
    restart() {
      liveTurn.restart();
    },
    spent: account.spent,
    answered: account.answered,
    report: account.metadata,
    async step<T>(name: string, run: () => Promise<T>): Promise<T> {
      const kept = claim.turn.attempt > 1 ? await store.step(turnId, name) : undefined;
      if (kept !== undefined) return JSON.parse(kept) as T; // written below, by the same step of the same turn
      const result = await run();
      await store.keepStep(claim, name, JSON.stringify(result));
      return result;
    },
  };
  return host;
}

/** What the graph's nodes are given: the host, and what the turn asks for. The router fills the memory. */
export function contextOf(request: Omit<TurnRequest, "query">, host: Host): TurnContext {
  const { context, options, preferences, sampling, engine = null } = request;
  return {
    host,
    memory: { messages: [], summary: "" },
    context,
    options,
    preferences,
    sampling,
    engine,
    begun: new Map(),
  };
}

function routeOf({ route, routed_to, routing }: Extract<Progress, { type: "routed" }>): Route {
  return { conversation_type: route, routed_to, routing: { ...routing } };
}

/** As a `thinking` event tells it. */
export function stageOf(progress: Progress): JsonObject {
  switch (progress.type) {
    case "routed":
      return { stage: "routed", ...routeOf(progress) };
    case "step_started":
      return { stage: "step_started", step: progress.step };
    case "step_finished":
      return { stage: "step_finished", step: progress.step, detail: progress.detail };
    case "answering":
      return { stage: "answering" };
    default:
      return progress satisfies never;
  }
}
