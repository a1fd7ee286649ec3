import type { JsonObject } from "../../graphs/host.ts";
import type { HistoryStore, Rating } from "./history.ts";
import type { Turn } from "./turns.ts";

/** A remembered message: one half of a turn or, in older databases, the message itself. */
export type RecordedMessage =
  | { turn: Turn; part: "question" | "answer" }
  | { role: "user" | "assistant"; content: string };

/** An entry in a list of conversations. */
export interface Overview {
  id: string;
  /** The first message of the current session; empty if there is none. */
  title: string;
  updatedAt: string;
  turns: number;
  /** It has unfinished turns, running or not. */
  isRunning: boolean;
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
  /** Results of the turn's finished steps, in the order they finished. */
  steps(turnId: string): Promise<{ name: string; result: JsonObject }[]>;
  /** Prompt texts by hash, without the unknown ones. */
  texts(hashes: readonly string[]): Promise<Map<string, string>>;
  /** The user's feedback on a turn. */
  rating(turnId: string): Promise<Rating | undefined>;
  /** A user's conversations, the most recently used first. */
  conversations(userId: string, limit: number): Promise<Overview[]>;
}
