import { END, START } from "@langchain/langgraph";

import type { TurnRuntime } from "./host.ts";
import { asEngine, type EngineStateValue, engine } from "./state.ts";
import { prepareTools } from "./stock/recorded.ts";
import { runStock } from "./stock/run.ts";

/** What a compiled graph of LangGraph, or an entrypoint of its functional API, has. */
export interface StockGraph {
  stream(input: unknown, options: object): Promise<AsyncIterable<unknown>>;
  channels: Record<string, unknown>;
}

export interface StockOptions {
  /** The answer is only what these nodes say. The text of others becomes the detail of their step. */
  answer?: readonly string[];
}

/** Makes an engine of a LangGraph graph with a `messages` key, of what `createAgent` returns, or of an `entrypoint` that takes and returns `{messages}`. */
export function stock(graph: StockGraph | { graph: StockGraph }, options: StockOptions = {}) {
  const compiled = "graph" in graph ? graph.graph : graph;
  if (typeof compiled?.stream !== "function" || !isForMessages(compiled)) {
    throw new Error(
      "stock() takes a compiled graph with a `messages` key, what createAgent returns, or an entrypoint.",
    );
  }
  prepareTools(compiled);

  async function run({ question }: EngineStateValue, runtime: TurnRuntime) {
    return await runStock(compiled, options, question, runtime);
  }

  const wrapper = engine().addNode("run", run).addEdge(START, "run").addEdge("run", END).compile(asEngine);
  return Object.assign(wrapper, { stock: compiled });
}

/** An entrypoint has no state keys. */
function isForMessages({ channels }: StockGraph): boolean {
  return "messages" in channels || "__previous__" in channels;
}
