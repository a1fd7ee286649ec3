import type { FileFacts } from "../../graphs/files.ts";
import type { JsonObject } from "../../graphs/host.ts";
import type { HistoryStore, Rating } from "./history.ts";
import type { Turn } from "./turns.ts";
import type { Question } from "./waits.ts";

/** A remembered message: one half of a turn or, in older databases, the message itself. `produced` is what the turn left, as JSON. */
export type RecordedMessage =
  | { turn: Turn; part: "question" | "answer"; produced?: string }
  | { role: "user" | "assistant"; content: string };

/** A tool call of a turn. Times are in ms since 1970. */
export interface RecordedCall {
  /** Unique within the turn. */
  key: string;
  /** What clients were told of it. */
  told: JsonObject;
  /** Undefined if it has not ended, or if its result was too long to keep. */
  output?: unknown;
  startedAt?: number;
  endedAt?: number;
}

/** A time in which a turn waited for a person. */
export interface RecordedWait {
  questions: readonly Question[];
  askedAt?: number;
  /** When the last answer came. */
  answeredAt?: number;
}

/** What a turn has done, as a replay needs it. */
export interface Recording {
  /** Results of finished steps, in the order they finished. */
  steps: readonly { name: string; result: JsonObject }[];
  calls: readonly RecordedCall[];
  waits: readonly RecordedWait[];
}

/** See `HistoryStore`. */
export interface Before {
  lastKept(conversationType: string): Promise<string | undefined>;
  files(): Promise<FileFacts[]>;
}

/** An entry in a list of conversations. */
export interface Overview {
  id: string;
  /** The first message of the current session; empty if there is none. */
  title: string;
  updatedAt: string;
  turns: number;
  /** It has unfinished turns, running or not. */
  isRunning: boolean;
  /** One of these waits for a person. */
  isWaiting: boolean;
}

/** Read-only access to past turns, for the workbench and the command-line tools. */
export interface Records extends Pick<HistoryStore, "reasoning"> {
  turn(turnId: string): Promise<Turn | undefined>;
  /** The newest completed turns of one engine, or of all, oldest first. */
  latest(count: number, conversationType?: string): Promise<Turn[]>;
  /** A user's newest completed turns whose answers used a prompt, newest first. Looks at the newest 5,000 turns of all users. */
  usesOf(userId: string, prompt: string, count: number): Promise<Turn[]>;
  /** What the model remembered when the turn started; undefined if that was not stored. */
  memory(turnId: string): Promise<{ messages: RecordedMessage[]; summary: string } | undefined>;
  /** The turn's finished steps, and its tool calls and waits in the order in which they began; also of a turn that has not ended. */
  recording(turnId: string): Promise<Recording>;
  /** What a turn found in its history, although turns may have been replaced since. */
  before(turn: Turn): Before;
  /** Prompt texts by hash, without the unknown ones. */
  texts(hashes: readonly string[]): Promise<Map<string, string>>;
  /** The user's feedback on a turn. */
  rating(turnId: string): Promise<Rating | undefined>;
  /** A user's conversations, the most recently used first. */
  conversations(userId: string, limit: number): Promise<Overview[]>;
}
