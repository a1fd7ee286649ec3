import type { BaseMessage, StoredMessage } from "@langchain/core/messages";
import type { BaseCheckpointSaver, LangGraphRunnableConfig } from "@langchain/langgraph";
import { z } from "zod";

import type { Attached } from "./attached/attached.ts";
import type { ChatModel } from "./chat-model.ts";
import type { Dialects } from "./dialects.ts";
import type { ModelFailure } from "./failure.ts";
import type { AttachedFile, Source } from "./files.ts";
import type { McpServer } from "./mcp-server.ts";
import type { Exchange } from "./memory.ts";
import type { Progress, StepFailure, ToolCallEvent } from "./progress.ts";
import type { PromptSet } from "./prompt.ts";
import type { Routing } from "./routing.ts";

export type JsonObject = Record<string, unknown>;

/** Settings of a model call. A missing key is taken from the next source: see `sampling` in call.ts. */
export interface Sampling {
  model?: string;
  temperature?: number;
  max_tokens?: number;
  top_p?: number;
}

/** What model calls have spent. */
export interface Spending {
  /** Requests sent, retries included. */
  llm_calls: number;
  /** Null if a price is unknown. */
  cost_usd: number | null;
  input_tokens: number;
  output_tokens: number;
  /** Content hashes of the prompts used, by name. */
  prompts: Record<string, string>;
  /** The model that was asked, as the settings name it. Undefined if this is not about one model. */
  model?: string;
}

/** Metadata of the answer. */
export interface AnswerFacts {
  /** As the provider names it. */
  model_used: string;
  truncated?: true;
  fallback_model?: string;
}

/** A question of a graph that waits for a person. */
export interface InputRequest {
  interrupt_id: string;
  value: unknown;
}

export interface ModelRequest extends Sampling {
  /** Name of the prompt. */
  prompt: string;
  /** Called for every request that is sent, retries included. */
  onRequest: (model?: string) => void;
  /** Called with a sentence for the user if the server does not take something that the request asks for, such as a setting. */
  onWarning?: (message: string, setting?: keyof Sampling) => void;
  /** Retries before the first token. Default: the host's. */
  retries?: number;
  /** Longest silence before the first token and between two chunks. Default: the host's. */
  silenceMs?: number;
}

/** How messages are routed. */
export interface RoutingPolicy {
  /** `local` never asks the model; `speculative` starts the likeliest engine's first step while the model decides. */
  mode: "local" | "model" | "speculative";
  /** Confidence from 0 to 1 at which the local classifier decides alone. Default: the threshold found in training. */
  threshold?: number;
}

/** What a graph needs from the server (or Studio, or a test) that runs it. */
export interface Host {
  /** The chat models to try, in order: the requested one, then the fallbacks. Never empty. */
  models(request: ModelRequest): ChatModel[];
  /** The prompts of this turn; later edits of the files do not change them. */
  prompts: PromptSet;
  /** Shared by all turns. */
  dialects: Dialects;
  routing: RoutingPolicy;
  progress(progress: Progress): void;
  /** Reports that the router or a step failed: for the log, the metrics and the response's warnings. `cause` is for the log alone. */
  stepFailed(step: string, failure: StepFailure, cause?: ModelFailure): void;
  /** The next piece of the answer. */
  delta(text: string): void;
  /** The next piece of what the model tells about its thinking. Not part of the answer. */
  reasoning(text: string): void;
  /** Discards the answer and the reasoning so far; both start again. */
  restart(): void;
  /** Adds a sentence to the response's warnings. */
  warn(message: string): void;
  /** A request had room for so many tokens of earlier turns. What does not fit is condensed after the turn. */
  memoryRoom(tokens: number): void;
  /** In US dollars; null if the model's price is unknown. */
  price(model: { asked: string; reported?: string }, inputTokens: number, outputTokens: number): number | null;
  /** Adds to the turn's spending. */
  spent(spending: Spending): void;
  /** Sets the answer's metadata. A later call replaces it. */
  answered(facts: AnswerFacts): void;
  /** The response's metadata so far, without the engine's findings. */
  report(): JsonObject;
  /** Runs a step once per turn: after a crash it returns the stored result instead. `name` is unique within the turn. */
  step<T>(name: string, run: () => Promise<T>): Promise<T>;
  /**
   * Reports a tool call. `started` resolves once it is on disk; only then may the tool's function run. If the call has ended in an earlier
   * attempt, it resolves to the result, and the function must not run again. Rejects, and ends the turn, if the call must not run.
   */
  toolCall(event: ToolCallEvent): Promise<{ output: unknown } | undefined>;
  /** Passes on what a graph gave to LangGraph's writer. */
  custom(data: unknown): void;
  /** Keeps the graph of this turn, under `thread_id = turn_id`, while it waits and over a crash. Deleted at the turn's end. */
  saver(): BaseCheckpointSaver;
  /** What the turn said before it waited. The next piece of the answer is appended. */
  readonly said: string;
  /** The answers by interrupt id, if the turn goes on after waiting. After a crash, the saver may have a checkpoint without them. */
  readonly resume: Readonly<Record<string, unknown>> | undefined;
  /** Ends this run: the turn waits for the answers. Throws a signal that has to reach the runner. */
  wait(requests: readonly InputRequest[]): never;
  /** What the turn leaves to later ones: its new messages, and what its graph wants kept besides. */
  produced(messages: readonly StoredMessage[], kept: JsonObject | undefined): void;
  /** A server of tools that the settings name. */
  mcp(server: string): McpServer;
  /** What the last turn of this engine that is in the history wants kept. */
  lastKept(engine: string): Promise<JsonObject | undefined>;
  /** The files of the turns in the conversation's history, this turn's too. The newest last. */
  files(): Promise<readonly AttachedFile[]>;
  /**
   * Adds to the answer's sources and returns its number there, from 1; one that is there already keeps its place. Undefined if the client does not
   * ask for sources, or there are fifty. `ifNamed`: it is of no interest unless the answer names it, or one after it, as in `[1]`.
   */
  source(source: Source, ifNamed?: boolean): number | undefined;
}

/** What the model sees of earlier turns: a summary of the oldest, and the messages of the latest. */
export interface Memory {
  /** Of each turn the question and the answer, as text. */
  messages: readonly BaseMessage[];
  /** The same turn by turn, for stock graphs. Undefined in a thread, as in Studio. */
  exchanges?: readonly Exchange[];
  summary: string;
}

const data = z.custom<JsonObject>();

/** The turn's inputs and its host; `runtime.context` in every node. */
const TurnContext = z.object({
  host: z.custom<Host>(),
  memory: z.custom<Memory>(),
  /** The conversation's context, overridden by the message's. Data from the user. */
  context: data,
  options: data,
  preferences: data,
  /** The files of the turn's message. */
  attachments: z.custom<readonly AttachedFile[]>(),
  /** What the turn's requests may have of its files and of earlier ones. Reads them once. */
  attached: z.custom<() => Promise<Attached>>(),
  /** From `llm_config`, then from the preferences. The first one that sets a key wins. */
  sampling: z.custom<Sampling[]>(),
  /** The engine that the client chose. */
  engine: z.string().nullable(),
  /** How the turn was routed before it waited. */
  routed: z.custom<{ route: string; routing: Routing } | null>(),
  /** Steps that were started early by speculation, by name. */
  started: z.custom<Map<string, Promise<unknown>>>(),
});
export type TurnContext = z.infer<typeof TurnContext>;

/** Pass this to `new StateGraph(State, hosted)`, so that nodes get a `TurnContext`. */
export const hosted = { context: TurnContext };

export type TurnRuntime = LangGraphRunnableConfig<TurnContext>;

/** The turn's context. Throws if the graph was started without one. */
export function turn(runtime: TurnRuntime): TurnContext {
  if (!runtime.context) throw new Error("This graph needs a TurnContext as its context.");
  return runtime.context;
}
