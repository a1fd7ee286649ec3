import { AsyncLocalStorage } from "node:async_hooks";
import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";

import type { TurnContext } from "../host.ts";
import type { Listener } from "./listener.ts";

/** The turn that a stock graph runs in. */
interface Current {
  context: TurnContext;
  /** Undefined in an engine of ours. */
  listener?: Listener;
}

const running = new AsyncLocalStorage<Current>();

/** Runs a graph of its own: LangGraph would take it for a part of the graph that calls it. */
export function runInTurn<T>(current: Current, run: () => T): T {
  return AsyncLocalStorageProviderSingleton.getInstance().run(undefined, () => running.run(current, run));
}

/** The listener of the stock graph that the caller runs in. */
export function listenerOf(): Listener | undefined {
  return running.getStore()?.listener;
}

/** Whoever calls this runs inside a turn: a stock graph, or a node of ours. Throws otherwise. */
export function currentTurn(): Current {
  const current = findTurn();
  if (!current) throw new Error("model() answers only while a turn runs: in a graph of graphs/engines.ts.");
  return current;
}

/** Undefined outside of a turn. */
export function findTurn(): Current | undefined {
  const current = running.getStore();
  if (current) return current;
  const config: LangGraphRunnableConfig<TurnContext> | undefined =
    AsyncLocalStorageProviderSingleton.getRunnableConfig();
  const context = config?.context;
  return context?.host && { context };
}
