import type { Joined, Refusal, Replies, ServerEvents } from "../../packages/client/protocol.ts";

export type { Joined, Refusal } from "../../packages/client/protocol.ts";

/** Types of what the server sends, from its schemas. They are not checked at runtime; that is what the tests do. */
export type EventPayload<Event extends string> = Event extends keyof ServerEvents ? ServerEvents[Event] : Payload;

/** The response to a push, either `ok` or a refusal; the status tells which. */
export type Response<Event extends string> = (Event extends keyof Replies ? Replies[Event] : Payload) & Refusal;

export type Thinking = ServerEvents["thinking"];
export type Delta = ServerEvents["response_delta"];
/** The payload of a terminal event; the event tells which. */
export type End = ServerEvents["response"] & ServerEvents["error"] & ServerEvents["conversation_reset"];
export type HistoryTurn = Replies["get_history"]["turns"][number];

type Both<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;
/** `tool_call` has stages of its own. */
type Named = Exclude<keyof ServerEvents, "presence_state" | "presence_diff" | "tool_call">;

/** Any payload, if the event is not known at compile time. */
export type Payload = Both<ServerEvents[Named]> & Both<Replies[keyof Replies]> & Joined & Refusal & Workbench;

/** Events of the workbench, which have no schema. */
interface Workbench {
  can_edit: boolean;
  graphs: { name: string; mermaid: string; nodes: string[] }[];
  graph_fault: string | null;
  prompts: ShownPrompt[];
  conversations: { conversation_id: string; title: string }[];
  hash: string;
  line: string;
  replay_id: string;
  node: string;
  path: string[];
  output: { messages?: unknown[] };
  steps: { name: string; finding: unknown }[];
  nodes: string[];
  request: Record<string, unknown>;
  turn: Payload;
  original: Payload;
  diff: { response: { value: string; added?: true; removed?: true }[] };
  front_matter: { name: string; about: string }[];
  lines: unknown[];
  versions: { hash: string; source: string | null; is_current: boolean; turns: number }[];
  router: { local: { probabilities: Record<string, number> } };
  runs: NodeEvent[];
  first_word_ms: number | null;
  run_id: string;
}

/** What a node of a graph or a model call does. */
export interface NodeEvent {
  event: string;
  path: string[];
  at?: string;
}

/** What is wrong in a prompt's text, and where. */
export interface Problem {
  message: string;
  line: number;
  column: number;
}

export interface ShownPrompt {
  name: string;
  hash: string;
  source: string;
  engines: string[];
  fault: string | null;
}
