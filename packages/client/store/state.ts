import type { ConversationError } from "../error.ts";
import type { Replies, ServerEvents } from "../protocol.ts";
import type { Turn } from "../turn.ts";

/** A value that changes. Fits React's `useSyncExternalStore`; as long as nothing changes, the snapshot is the same object. */
export interface Readable<Value> {
  /** Calls `changed` after each change, until the returned function is called. */
  subscribe(changed: () => void): () => void;
  getSnapshot(): Value;
}

/** Everything to show of a conversation. It is created when it is first used, and loads the history by itself. */
export interface ConversationStore extends Readable<ConversationState> {
  /** Everything but the turns themselves. Does not change while text arrives. */
  readonly outline: Readable<ConversationOutline>;
  /** One turn, by its key. Changes with that turn alone. Undefined if there is no such turn. */
  turn(key: string): Readable<TurnState | undefined>;
  /** Adds an older page of the history. Rejects with a `ConversationError`. */
  loadEarlier(): Promise<void>;
  /** Removes a refused message. */
  dismiss(key: string): void;
  /** Sends a refused message again, or answers a failed turn again. Undefined if the turn is neither. */
  retry(key: string): Turn | undefined;
}

export interface ConversationOutline {
  connection: Connection;
  /** Oldest first. */
  turnKeys: readonly string[];
  /** A `turn_id`. */
  running_turn: string | undefined;
  /** The history has older turns. */
  hasEarlier: boolean;
  /** The newest page of the history has been loaded. */
  isLoaded: boolean;
  /** Messages that the server has not confirmed yet. */
  unsent: readonly UnsentMessage[];
  session_id?: string;
  user_id?: string;
  context: Record<string, unknown>;
  /** Which join parameters were ignored, and why. */
  warnings: readonly string[];
  presence: readonly { user_id: string; devices: number }[];
  /** The `user_id`s of others who are typing. */
  typing: readonly string[];
}

export interface ConversationState extends Omit<ConversationOutline, "turnKeys"> {
  turns: readonly TurnState[];
}

export type Connection =
  | { state: "connecting" | "open" | "reconnecting" }
  /** The server refused the connection or the join. A refusal may be temporary: phoenix.js keeps trying to connect. */
  | { state: "refused"; error: ConversationError }
  | { state: "left" };

export interface UnsentMessage {
  id: string;
  content: string;
}

/**
 * `sending`: not confirmed by the server. `refused`: not accepted by the server. `waiting`: for a person. The others are as
 * in the history.
 */
export type TurnStatus = "sending" | "refused" | "waiting" | Replies["get_history"]["turns"][number]["status"];

export interface TurnState {
  /** The message id for messages sent here, otherwise the `turn_id`. It never changes. */
  key: string;
  /** Set once the server has accepted the message. */
  turn_id?: string;
  query: string;
  /** The files of the message. */
  attachments?: readonly FileFacts[];
  status: TurnStatus;
  /** Of the last `thinking`. */
  stage?: ServerEvents["thinking"]["stage"];
  conversation_type?: ServerEvents["response"]["conversation_type"];
  routed_to?: ServerEvents["response"]["routed_to"];
  routing?: ServerEvents["thinking"]["routing"];
  /** In the order in which they began; sources last. */
  parts: readonly Part[];
  /** The whole answer so far. */
  text: string;
  /** Of the `response`. */
  metadata?: ServerEvents["response"]["metadata"];
  /** Why it failed or was refused. */
  error?: ConversationError;
  timestamp?: string;
  /** The `turn_id` of the turn that this one replaces. */
  replaces?: string;
  /** It came from the history. */
  isPast: boolean;
}

export type Part =
  | { type: "text"; text: string }
  | { type: "reasoning"; text: string }
  | { type: "step"; step: string; status: "running" | "finished" | "failed"; detail?: unknown }
  | ToolPart
  | RequestPart
  /** What a graph wrote for pages. The newest 100 of a turn, and only those that came while the conversation was open. */
  | { type: "custom"; data: unknown }
  /** Only if the join had `preferences.include_sources: true`. `[1]` in the answer is the first of them. */
  | { type: "sources"; sources: readonly Source[] };

/** A tool call. */
export interface ToolPart {
  type: "tool";
  tool_call_id: string;
  tool_name: string;
  status: "running" | "finished" | "failed";
  input?: unknown;
  /** While it runs, the text that the tool has streamed. */
  output?: unknown;
  /** Why it failed. */
  message?: string;
}

/** A question to a person. Answer it with `conversation.respond`. */
export interface RequestPart {
  type: "request";
  interrupt_id: string;
  /** What the graph asks: the value of its `interrupt()`. */
  value: unknown;
  /** `closed`: the turn ended without an answer. */
  status: "open" | "answered" | "closed";
}

/** What an answer was made from. */
export type Source = NonNullable<ServerEvents["response"]["metadata"]["sources"]>[number];

/** An uploaded file. */
export type FileFacts = NonNullable<ServerEvents["response"]["attachments"]>[number];
