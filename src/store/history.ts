import type { Turn } from "./turns.ts";

/** A user's word on a turn. */
export interface Rating {
  /** From -1 to 1. */
  score: number;
  comment?: string;
  /** The engine that should have answered. */
  expected?: string;
}

/** A turn as far as the model remembers it. */
export interface RememberedTurn {
  id: string;
  seq: number;
  query: string;
  response: string;
}

/** What a session's model remembers: a summary of the turns up to `upTo` (a `seq`; 0 where there is none), and the turns since, oldest first. */
export interface SessionMemory {
  summary: string;
  upTo: number;
  turns: RememberedTurn[];
}

/** So many turns, and so many UTF-16 units of text, of which an answer counts for at most `longest`. */
export interface MemoryBounds {
  turns: number;
  units: number;
  longest: number;
}

export interface Page {
  turns: Turn[];
  hasMore: boolean;
}

/** A page ends early, with at least one turn, where its rows are larger than this, in bytes. */
export const largestPage = 2_097_152;

/** Turns that were, and what users and developers say of them. */
export interface HistoryStore {
  turn(conversationId: string, turnId: string): Promise<Turn | undefined>;
  /** The turn that was accepted with this client's message id, and how many turns that have not ended are ahead of it. */
  byClientId(conversationId: string, clientId: string): Promise<{ turn: Turn; position: number } | undefined>;
  /** The newest turn of the current session. */
  last(conversationId: string): Promise<Turn | undefined>;
  /** Of the current session, oldest first; `before` leaves out that turn and those after it. Undefined: unknown `before`. */
  page(conversationId: string, limit: number, before?: string): Promise<Page | undefined>;
  /** What the model may remember before the turn `seq`: the newest turns that answered, within the bounds or just over them. */
  memory(sessionId: string, seq: number, most: MemoryBounds): Promise<SessionMemory>;
  /** Keeps a user's word on a turn; a later one replaces it. */
  rate(turnId: string, rating: Rating): Promise<void>;
  /** Keeps the texts of prompts that turns are asked with, by their hashes. */
  keepTexts(texts: readonly { hash: string; source: string }[]): Promise<void>;
}
