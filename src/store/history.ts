import type { FileFacts } from "../../graphs/files.ts";
import type { Turn } from "./turns.ts";

/** A user's feedback on a turn. */
export interface Rating {
  /** From -1 to 1. */
  score: number;
  comment?: string;
  /** The engine that should have answered. */
  expected?: string;
}

/** The part of a turn that the model remembers. */
export interface RememberedTurn {
  id: string;
  seq: number;
  query: string;
  attachments?: readonly FileFacts[];
  response: string;
  /** The messages that the turn produced, as JSON, if it was answered by a stock graph. */
  produced?: string;
}

/** What the model remembers of a session: a summary of the turns up to `upTo` (a `seq`; 0 if there is no summary), and the later turns, oldest first. */
export interface SessionMemory {
  summary: string;
  upTo: number;
  turns: RememberedTurn[];
}

/** How much history to read. Lengths are in UTF-16 units. */
export interface MemoryBounds {
  turns: number;
  /** Total length of questions and answers. */
  units: number;
  /** A longer answer counts as this long. */
  answerUnits: number;
}

export interface Page {
  turns: Turn[];
  hasMore: boolean;
}

/** Maximum size of a page's rows, in bytes. A page has at least one turn. */
export const maxPageBytes = 2_097_152;

/** Past turns, and the feedback on them. */
export interface HistoryStore {
  turn(conversationId: string, turnId: string): Promise<Turn | undefined>;
  /** The turn with this client message id. `position` counts the unfinished turns ahead of it. */
  byClientId(conversationId: string, clientId: string): Promise<{ turn: Turn; position: number } | undefined>;
  /** What the model told about its thinking in a turn; undefined if that is nothing. Not part of the model's memory. */
  reasoning(turnId: string): Promise<string | undefined>;
  /** The newest turn of the current session. */
  last(conversationId: string): Promise<Turn | undefined>;
  /** The newest turns of the current session, oldest first; with `before`, those before that turn. Undefined if `before` is unknown. */
  page(conversationId: string, limit: number, before?: string): Promise<Page | undefined>;
  /** The summary and the newest answered turns before the turn `seq`. Stops at the first turn that reaches a bound. */
  memory(sessionId: string, seq: number, bounds: MemoryBounds): Promise<SessionMemory>;
  /** What the last turn of an engine before the turn `seq` wants kept, as JSON. Only turns of the session that are in its history count. */
  lastKept(sessionId: string, seq: number, conversationType: string): Promise<string | undefined>;
  /** The files of the last turns up to the turn `seq`, the newest last. Only turns of the session that are in its history count. */
  files(sessionId: string, seq: number): Promise<FileFacts[]>;
  /** Stores the feedback on a turn, replacing any earlier feedback. */
  rate(turnId: string, rating: Rating): Promise<void>;
  /** Stores prompt texts by hash; known hashes are skipped. */
  keepTexts(texts: readonly { hash: string; source: string }[]): Promise<void>;
}
