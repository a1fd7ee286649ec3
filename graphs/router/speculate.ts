import type { Runnable } from "@langchain/core/runnables";
import { START } from "@langchain/langgraph";

import { type ConversationType, conversationTypes, engines } from "../engines.ts";
import { type TurnRuntime, turn } from "../host.ts";

/** Begun before it is known whether it is wanted. */
export interface Speculation {
  type: ConversationType;
  /** Its requests are closed; what they have taken is booked all the same. */
  drop(): void;
}

/** An engine that is less likely than this is not begun: most of its work would be thrown away. */
const strongGuess = 0.3;

/**
 * Begins the first step of the likeliest engine while the router is still asking. Clients learn nothing of it; when the engine is
 * taken, its step goes on from here (`TurnContext.begun`). Engines whose first step is the answer cannot be begun early.
 */
export function speculate(
  runtime: TurnRuntime,
  question: string,
  probabilities: Readonly<Record<ConversationType, number>>,
): Speculation | undefined {
  const [type] = conversationTypes
    .filter((name) => probabilities[name] >= strongGuess && firstStep(name))
    .sort((one, other) => probabilities[other] - probabilities[one]);
  const first = type && firstStep(type);
  if (!first) return undefined;
  const context = turn(runtime);
  const ended = new AbortController();
  const host: typeof context.host = {
    ...context.host,
    progress() {},
    stepFailed() {},
    step(name, run) {
      const finding = run();
      if (!ended.signal.aborted) context.begun.set(name, finding);
      return finding;
    },
  };
  const signal = AbortSignal.any([ended.signal, ...(runtime.signal ? [runtime.signal] : [])]);
  const config: object = { ...runtime, signal, context: { ...context, host } }; // LangChain's type knows no context
  first.invoke({ question }, config).catch(() => {}); // what became of its step is told to the engine, if that is taken
  return {
    type,
    drop() {
      context.begun.clear();
      ended.abort();
    },
  };
}

/** The node that an engine of several begins with. */
function firstStep(type: ConversationType): Runnable | undefined {
  const { nodes, edges } = engines[type].graph.builder;
  const [, name] = [...edges].find(([from]) => from === START) ?? [];
  const all: Record<string, { runnable: Runnable }> = nodes;
  return name !== undefined && Object.keys(all).length > 1 ? all[name]?.runnable : undefined;
}
