import type { BaseMessage } from "@langchain/core/messages";
import type { Brain } from "../../graphs/brain.ts";
import { Dialects } from "../../graphs/dialects.ts";
import type { Host, JsonObject, Progress } from "../../graphs/host.ts";
import type { PromptSet } from "../../graphs/prompt.ts";
import type { TurnRequest } from "../store/turns.ts";
import { ledger } from "../turns/ledger.ts";
import { withoutEmpty } from "../turns/outcome.ts";
import { contextOf, type ModelServices, routeOf, silentHost } from "../turns/turn-host.ts";
import { type NodeEvent, NodeWatcher } from "./node-watcher.ts";

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

/** Asks the graph beside all conversations: nothing is kept of it but what it returns. Rejects as the graph does, or with the signal's reason. */
export async function askDetached(
  graph: Brain["conversation"],
  services: ModelServices,
  asking: Asking,
  listener: Listener = {},
  signal?: AbortSignal,
): Promise<Answered> {
  const { request, memory, summary, kept } = asking;
  const steps: Step[] = [];
  let isReached = kept === undefined;
  let routedTo = "";
  const account = ledger();
  const host: Host = {
    ...silentHost(services, asking.prompts, account),
    dialects: new Dialects(services.dialects),
    progress(progress) {
      if (progress.type === "routed") {
        routedTo = progress.routed_to;
        account.routed(routeOf(progress));
      }
      listener.progress?.(progress);
    },
    delta: (text) => listener.delta?.(text),
    restart: () => listener.restart?.(),
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
  const context = contextOf(request, host, { messages: memory, summary });
  const config = { context, signal, callbacks: [watcher], runName: "conversation, detached" };
  const { answer, route, findings } = await graph.invoke({ question: request.query }, config);
  const metadata = { ...account.metadata(), ...withoutEmpty(findings) };
  return { response: answer, conversationType: route, routedTo, metadata, steps };
}
