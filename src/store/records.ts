import type { JsonObject } from "../../graphs/host.ts";
import type { Rating } from "./history.ts";
import type { Turn } from "./turns.ts";

/** A remembered message: a part of a turn, or one that a graph made otherwise. */
export type RecordedMessage =
  | { turn: Turn; part: "question" | "answer" }
  | { role: "user" | "assistant"; content: string };

/** A conversation as a list shows it. */
export interface Overview {
  id: string;
  /** The first message of its session; empty when there is none. */
  title: string;
  updatedAt: string;
  turns: number;
  isRunning: boolean;
}

/** What is known of turns that were: only read, by whoever develops prompts and graphs. */
export interface Records {
  turn(turnId: string): Promise<Turn | undefined>;
  /** The newest completed turns, of one engine or of all, oldest first. */
  latest(count: number, conversationType?: string): Promise<Turn[]>;
  /** What the model remembered when the turn began; undefined where that was not kept. */
  memory(turnId: string): Promise<{ messages: RecordedMessage[]; summary: string } | undefined>;
  /** What the turn's finished steps returned, in the order of their ends. */
  steps(turnId: string): Promise<{ name: string; result: JsonObject }[]>;
  /** Texts of prompts that were used, by their hashes; unknown ones are left out. */
  texts(hashes: readonly string[]): Promise<Map<string, string>>;
  /** The user's word on a turn. */
  rating(turnId: string): Promise<Rating | undefined>;
  /** A user's conversations, the newest first. */
  conversations(userId: string, limit: number): Promise<Overview[]>;
}
