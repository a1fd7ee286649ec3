import { MemorySaver } from "@langchain/langgraph";
import { readAttached } from "../../graphs/attached/read.ts";
import type { ChatModel } from "../../graphs/chat-model.ts";
import type { Dialects } from "../../graphs/dialects.ts";
import type { Host, Memory, ModelRequest, RoutingPolicy, TurnContext } from "../../graphs/host.ts";
import { unknownMcpServer } from "../../graphs/mcp-server.ts";
import type { PromptSet } from "../../graphs/prompt.ts";
import type { TurnRequest } from "../store/turns.ts";
import type { Ledger } from "./ledger.ts";

/** What every run of a graph needs to call models. */
export interface ModelServices {
  models: (request: ModelRequest) => ChatModel[];
  price: Host["price"];
  dialects: Dialects;
  routing: RoutingPolicy;
  /** Default: none. */
  mcp?: Host["mcp"];
}

/** A host that reports nothing and keeps no steps. Callers override what they need. */
export function silentHost(services: ModelServices, prompts: PromptSet, account: Ledger): Host {
  const { models, price, dialects, routing, mcp = unknownMcpServer } = services;
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
    toolCall: () => Promise.resolve(undefined),
    custom() {},
    saver: () => new MemorySaver(),
    said: "",
    resume: undefined,
    wait() {
      throw new Error("This run cannot wait for a person.");
    },
    produced() {},
    lastKept: () => Promise.resolve(undefined),
    files: () => Promise.resolve([]),
    source: () => undefined,
    mcp,
  };
}

/** The context that the graph's nodes get. */
export function contextOf(
  request: Omit<TurnRequest, "query">,
  host: Host,
  memory: Memory,
  { routed = null, attachments = [] }: Partial<Pick<TurnContext, "routed" | "attachments">> = {},
): TurnContext {
  const { context, options, preferences, sampling, engine = null } = request;
  const given = { context, options, preferences, sampling, engine, attachments };
  let reading: ReturnType<TurnContext["attached"]> | undefined;
  const attached = () => {
    reading ??= readAttached(host, attachments, request);
    return reading;
  };
  return { host, memory, routed, ...given, attached, started: new Map() };
}
