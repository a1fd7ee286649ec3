import type { BaseMessage } from "@langchain/core/messages";
import { Dialects } from "../../graphs/dialects.ts";
import type { Host, JsonObject, Progress } from "../../graphs/host.ts";
import { asked } from "../../graphs/memory.ts";
import type { PromptSet } from "../../graphs/prompt.ts";
import type { Brain } from "../reload/graphs.ts";
import type { TurnRequest } from "../store/store.ts";
import { contextOf, type Workshop } from "../turns/host.ts";
import { ledger } from "../turns/ledger.ts";
import { type NodeEvent, NodeWatcher } from "./node-watcher.ts";

/** What graphs need to run when no conversation is touched. */
export type Tools = Pick<Workshop, "models" | "price" | "dialects" | "routing">;

/** A step's name, and what it returned: its finding and what that took. */
export interface Step {
  name: string;
  result: JsonObject;
}

/** All that a turn is asked with. */
export interface Asking {
  request: TurnRequest;
  memory: BaseMessage[];
  summary: string;
  prompts: PromptSet;
  /** Results of steps that are used again until the node `from` begins. */
  kept?: { steps: readonly Step[]; from: string };
}

export interface Listener {
  progress?(progress: Progress): void;
  delta?(text: string): void;
  restart?(): void;
  node?(event: NodeEvent): void;
}

export interface Answered {
  response: string;
  conversationType: string;
  routedTo: string;
  metadata: JsonObject;
  steps: Step[];
}

/** Asks a graph without a thread: nothing is kept of it but what it returns. Rejects as the graph does, or with the signal's reason. */
export async function askDetached(
  graph: ReturnType<Brain["conversation"]>,
  tools: Tools,
  asking: Asking,
  listener: Listener = {},
  signal?: AbortSignal,
): Promise<Answered> {
  const { request, memory, summary, kept } = asking;
  const steps: Step[] = [];
  let isReached = kept === undefined;
  let routedTo = "";
  const account = ledger();
  const { models, price, routing } = tools;
  const host: Host = {
    models,
    price,
    routing,
    dialects: new Dialects(tools.dialects),
    prompts: asking.prompts,
    progress(progress) {
      if (progress.type === "routed") routedTo = progress.routed_to;
      listener.progress?.(progress);
    },
    delta: (text) => listener.delta?.(text),
    restart: () => listener.restart?.(),
    spent: account.spent,
    answered: account.answered,
    report: account.metadata,
    async step<T>(name: string, run: () => Promise<T>): Promise<T> {
      const known = isReached ? undefined : kept?.steps.find((step) => step.name === name);
      const result = known ? (known.result as T) : await run(); // kept by the same step of the same turn
      steps.push({ name, result: result as JsonObject });
      return result;
    },
  };
  const watcher = new NodeWatcher((event) => {
    if (event.event === "node_started" && event.node === kept?.from) isReached = true;
    listener.node?.(event);
  });
  const input = { messages: [...memory, asked(crypto.randomUUID(), request.query)], summary };
  const config = { context: contextOf(request, host), signal, callbacks: [watcher], runName: "conversation, detached" };
  const state = await graph.invoke(input, config);
  const { answer, route, metadata } = state;
  return { response: answer, conversationType: route, routedTo, metadata, steps };
}
