import type { BaseMessage } from "@langchain/core/messages";
import type { Brain } from "../../graphs/brain.ts";
import { Dialects } from "../../graphs/dialects.ts";
import type { Host, JsonObject, Progress } from "../../graphs/host.ts";
import type { PromptSet } from "../../graphs/prompt.ts";
import type { TurnRequest } from "../store/turns.ts";
import { ledger } from "../turns/ledger.ts";
import { withoutEmpty } from "../turns/outcome.ts";
import { contextOf, type ModelServices, silentHost } from "../turns/silent-host.ts";
import { routeOf } from "../turns/stages.ts";
import { type NodeEvent, NodeWatcher } from "./node-watcher.ts";

/** A step's name and stored result: its finding and spending. */
export interface Step {
  name: string;
  result: JsonObject;
}

/** All inputs of a turn. */
export interface TurnInputs {
  request: TurnRequest;
  memory: BaseMessage[];
  summary: string;
  prompts: PromptSet;
  /** Stored step results, which are used instead of new ones until the node `from` starts. */
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
  firstWordMs?: number;
}

/** Runs the graph outside of any conversation; nothing is stored. Rejects with the graph's error or the signal's reason. */
export async function askDetached(
  graph: Brain["conversation"],
  services: ModelServices,
  inputs: TurnInputs,
  listener: Listener = {},
  signal?: AbortSignal,
): Promise<Answered> {
  const { request, memory, summary, kept } = inputs;
  const steps: Step[] = [];
  let isReached = kept === undefined;
  let routedTo = "";
  const account = ledger();
  const host: Host = {
    ...silentHost(services, inputs.prompts, account),
    dialects: new Dialects(services.dialects),
    progress(progress) {
      if (progress.type === "routed") {
        routedTo = progress.routed_to;
        account.routed(routeOf(progress));
      }
      listener.progress?.(progress);
    },
    delta(text) {
      account.wrote();
      listener.delta?.(text);
    },
    restart: () => listener.restart?.(),
    async step<T>(name: string, run: () => Promise<T>): Promise<T> {
      const known = isReached ? undefined : kept?.steps.find((step) => step.name === name);
      const result = known ? (known.result as T) : await run(); // stored by the same step
      steps.push({ name, result: result as JsonObject });
      return result;
    },
  };
  const watcher = new NodeWatcher((event) => {
    if (event.event === "node_started" && event.node === kept?.from) isReached = true;
    listener.node?.(event);
  });
  const context = contextOf(request, host, { messages: memory, summary });
  const config = { context, signal, callbacks: [watcher], runName: "conversation, detached" };
  const { answer, route, findings } = await graph.invoke({ question: request.query }, config);
  const metadata = { ...account.metadata(), ...withoutEmpty(findings) };
  return { response: answer, conversationType: route, routedTo, metadata, steps, firstWordMs: account.firstWordMs };
}
