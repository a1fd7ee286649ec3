// What the channel `workbench:<conversation_id>` tells of turns and replays. The page imports these types, and none of the server's code.

import type { Change } from "./prompts.ts";
import type { RunEvent } from "./runs.ts";

export interface Routing {
  decided_by: "local" | "model" | "client" | "rule";
  confidence: number;
  reason: string;
}

export interface Metadata {
  processing_time?: number;
  model_used?: string;
  routing?: Routing;
  usage?: { input_tokens: number; output_tokens: number; llm_calls: number };
}

export interface Step {
  name: string;
  finding: unknown;
}

export interface Message {
  role: "user" | "assistant";
  content: string;
}

/** What the router saw of a turn, and what it decided. */
export interface RouterView {
  message: string;
  history: Message[];
  earlier_messages: number;
  context: Record<string, unknown>;
  chosen_engine: string | null;
  mode: "local" | "model" | "speculative";
  decision: { conversation_type: string | null; routing: Routing | null };
  /** The local classifier's current judgement of these inputs. */
  local: {
    type: string;
    confidence: number;
    sure: boolean;
    threshold: number;
    probabilities: Record<string, number>;
    reasons: string[];
  };
  /** The model's reply, if it was asked. */
  asked: unknown;
}

export interface TurnEntry {
  turn_id: string;
  query: string;
  response: string | null;
  conversation_type: string | null;
  status: string;
  timestamp: string;
  metadata: Metadata;
}

/** A tool call of a turn. Long inputs and outputs are cut, and come as text. */
export interface ToolCall {
  tool_call_id: string;
  tool_name: string;
  /** The nodes that it ran in, without the engine. */
  path: string[];
  /** `stopped`: the turn ended before it did. */
  state: "running" | "finished" | "failed" | "stopped";
  input: unknown;
  output?: unknown;
  /** Why it failed. */
  message?: string;
  at: string | null;
  ms: number | null;
  /** A replay can use its result. */
  is_kept: boolean;
}

/** A time in which a turn waited for a person. */
export interface Wait {
  at: string | null;
  /** Until the last question was answered, or the turn was stopped. Null while it waits, and if that is not known. */
  ms: number | null;
  questions: { interrupt_id: string; value: unknown; answer?: { value: unknown } }[];
}

export interface Inputs {
  turn: TurnEntry;
  cost: number | null;
  first_word_ms: number | null;
  steps: Step[];
  tool_calls: ToolCall[];
  waits: Wait[];
  reasoning: string;
  prompts: { name: string; hash: string; source: string }[];
  memory: { messages: Message[]; summary: string } | null;
  request: Record<string, unknown>;
  nodes: string[];
}

/** The reply to `get_turn`. */
export type TurnRecord = Inputs & { router: RouterView | null; runs: readonly RunEvent[] };

/** Where the result of a replay's tool call is from: a recorded call with the same input, one with another input, or the tool. */
export type ResultFrom = "same_input" | "other_input" | "live";

export interface ReplayedCall {
  tool_name: string;
  input: unknown;
  from: ResultFrom;
  /** The input of the recorded call, if it is another one. */
  recorded_input?: unknown;
}

/** A question of a replay, answered as in the turn: the same question, or the one that was asked at this place. */
export interface ReplayedAnswer {
  value: unknown;
  answer: unknown;
  from: "same_question" | "other_question";
}

export interface ReplayResult {
  replay_id: string;
  turn_id: string;
  response: string;
  conversation_type: string;
  routed_to: string;
  metadata: Metadata;
  cost: number | null;
  first_word_ms: number | null;
  steps: Step[];
  tool_calls: ReplayedCall[];
  answers: ReplayedAnswer[];
  diff: { response: Change[] };
  original: Inputs;
}
