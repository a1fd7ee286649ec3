import type { BaseChatModelCallOptions } from "@langchain/core/language_models/chat_models";
import type { AIMessage, BaseMessage } from "@langchain/core/messages";
import type { LangGraphRunnableConfig } from "@langchain/langgraph";
import { z } from "zod";

import type { Dialects } from "./dialects.ts";
import type { ModelFailureCode } from "./failure.ts";
import type { PromptSet } from "./prompt.ts";
import type { Routing } from "./routing.ts";

export type JsonObject = Record<string, unknown>;

/** Settings of one model call. Absent means: not given here. */
export interface Sampling {
  model?: string;
  temperature?: number;
  max_tokens?: number;
  top_p?: number;
}

/** What a step, or the answer, took: model calls sent, tokens counted, US dollars (null where a price is not known), prompts used by content hash. */
export interface Spending {
  llm_calls: number;
  cost_usd: number | null;
  input_tokens: number;
  output_tokens: number;
  prompts: Record<string, string>;
}

/** What is known of the answer beside its text. */
export interface AnswerFacts {
  /** As the provider names it. */
  model_used: string;
  truncated?: true;
  fallback_model?: string;
}

/** Why a hidden step gave nothing; the turn goes on without its finding. */
export interface StepFailure {
  code: ModelFailureCode | "unusable_reply";
  /** The model that was asked first. */
  model: string;
}

export type Progress =
  | { type: "routed"; route: string; routed_to: string; routing: Routing }
  | { type: "step_started"; step: string }
  | { type: "step_finished"; step: string; detail: unknown; failed?: StepFailure }
  | { type: "answering" };

/** The options by which a reply is listened to, or asked for in a shape. */
export interface ModelCallOptions extends BaseChatModelCallOptions {
  /** Is told each piece of text as it arrives, with the model as the provider names it; answers false when it has had enough. */
  onText?: (text: string, model: string | undefined) => boolean;
  response_format?: {
    type: "json_schema";
    json_schema: { name: string; schema: Record<string, unknown>; strict: boolean };
  };
  tools?: { type: "function"; function: { name: string; parameters: Record<string, unknown>; strict: boolean } }[];
  tool_choice?: { type: "function"; function: { name: string } };
}

/** A LangChain chat model that knows `onText` (this is the part that is used), and the name it was asked for by. */
export interface ChatModel {
  name: string;
  chat: { invoke(messages: BaseMessage[], options?: ModelCallOptions): Promise<AIMessage> };
}

export interface ModelRequest extends Sampling {
  /** The prompt's name. */
  prompt: string;
  /** Called for every request that goes out, retries included. */
  onRequest: () => void;
  /** Retries before the first token; default: the host's. */
  retries?: number;
  /** Longest silence before the first token and between two chunks; default: the host's. */
  silenceMs?: number;
}

/** How messages are routed. */
export interface RoutingPolicy {
  /** `local` never asks the model; `speculative` begins the likeliest engine's first step while it asks. */
  mode: "local" | "model" | "speculative";
  /** The local stage decides when it is at least so sure, from 0 to 1; default: where it was trained to be. */
  threshold?: number;
}

/** What a graph asks of whoever runs it, and tells it. */
export interface Host {
  /** The chat models to try in this order: the one asked for, then the fallbacks. Never empty. */
  models(request: ModelRequest): ChatModel[];
  /** The prompts that this turn began with. */
  prompts: PromptSet;
  /** Kept from turn to turn. */
  dialects: Dialects;
  routing: RoutingPolicy;
  progress(progress: Progress): void;
  /** The router or a step gave nothing: for the log, the metrics and the response's warnings. */
  stepFailed(step: string, failure: StepFailure): void;
  /** The next piece of the answer. */
  delta(text: string): void;
  /** What was shown of the answer is void; it begins again. */
  restart(): void;
  /** In US dollars; null when the model's price is not known. */
  price(model: string, inputTokens: number, outputTokens: number): number | null;
  spent(spending: Spending): void;
  /** May be said again when more is known. */
  answered(facts: AnswerFacts): void;
  /** What became of the turn so far: its response's metadata without the engine's findings. */
  report(): JsonObject;
  /** Runs a step once in a turn: after a crash it returns what the step returned then. Steps of one turn have different names. */
  step<T>(name: string, run: () => Promise<T>): Promise<T>;
}

/** What the model may see of earlier turns: a summary of the oldest, then the messages of the latest. */
export interface Memory {
  messages: readonly BaseMessage[];
  summary: string;
}

const data = z.custom<JsonObject>();

/** Everything about one turn that is not the graph's state; `runtime.context` in every node. */
const TurnContext = z.object({
  host: z.custom<Host>(),
  memory: z.custom<Memory>(),
  /** The conversation's context with the message's over it: data from the user. */
  context: data,
  options: data,
  preferences: data,
  /** From `llm_config` and from the preferences: the first that is given counts. */
  sampling: z.custom<Sampling[]>(),
  /** The engine that the client chose. */
  engine: z.string().nullable(),
  /** Steps that were begun before it was known whether they are wanted, by their names. */
  begun: z.custom<Map<string, Promise<unknown>>>(),
});
export type TurnContext = z.infer<typeof TurnContext>;

/** What a graph is built with, so that its nodes know their runtime. */
export const hosted = { context: TurnContext };

export type TurnRuntime = LangGraphRunnableConfig<TurnContext>;

/** The turn's context; a graph that was started without one is a programming error. */
export function turn(runtime: TurnRuntime): TurnContext {
  if (!runtime.context) throw new Error("This graph runs with a TurnContext as its context.");
  return runtime.context;
}
