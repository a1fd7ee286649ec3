import type { Runnable } from "@langchain/core/runnables";
import { START } from "@langchain/langgraph";

import type { Engine, Engines } from "../chosen-engines.ts";
import { type TurnRuntime, turn } from "../host.ts";

/** The first step of an engine, started early. */
export interface Speculation {
  type: string;
  /** Aborts the step's requests. What they have spent is booked. */
  drop(): void;
}

/** Less likely engines are not started: too much of their work would be thrown away. */
const minProbability = 0.3;

/**
 * Starts the first step of the likeliest engine while the model still decides. Clients do not see it. If the engine is chosen, its step
 * continues from here (`TurnContext.started`). Engines whose first step is the answer are not started early.
 */
export function speculate(
  engines: Engines,
  runtime: TurnRuntime,
  question: string,
  probabilities: Readonly<Record<string, number>>,
): Speculation | undefined {
  const likely = ([type]: [string, Engine]) => probabilities[type] ?? 0;
  const [likeliest] = Object.entries(engines)
    .filter((entry) => likely(entry) >= minProbability && firstStep(entry[1]))
    .sort((one, other) => likely(other) - likely(one));
  const [type, engine] = likeliest ?? [];
  const first = engine && firstStep(engine);
  if (!type || !first) return undefined;
  const context = turn(runtime);
  const dropped = new AbortController();
  const host: typeof context.host = {
    ...context.host,
    progress() {},
    stepFailed() {},
    step(name, run) {
      const finding = run();
      if (!dropped.signal.aborted) context.started.set(name, finding);
      return finding;
    },
  };
  const signal = AbortSignal.any([dropped.signal, ...(runtime.signal ? [runtime.signal] : [])]);
  const config: object = { ...runtime, signal, context: { ...context, host } }; // LangChain's type has no `context`
  first.invoke({ question }, config).catch(() => {}); // if the engine is chosen, it gets the error through `started`
  return {
    type,
    drop() {
      context.started.clear();
      dropped.abort();
    },
  };
}

/** The first node of an engine that has several. */
function firstStep({ graph }: Engine): Runnable | undefined {
  const { nodes, edges } = graph.builder;
  const [, name] = [...edges].find(([from]) => from === START) ?? [];
  const all: Record<string, { runnable: Runnable }> = nodes;
  return name !== undefined && Object.keys(all).length > 1 ? all[name]?.runnable : undefined;
}
