import type { JsonObject } from "../../graphs/host.ts";

export interface Conversation {
  id: string;
  /** The user who joined first. */
  owner: string;
  sessionId: string;
  context: JsonObject;
}

/** The result of a reset. */
export interface SessionChange {
  /** The new session. */
  sessionId: string;
  /** Ids of the old session's unfinished turns. They are stopped, and their claims are void. */
  ended: string[];
}

/** A summary of a session's oldest turns. */
export interface NewSummary {
  sessionId: string;
  text: string;
  /** `seq` of the last turn that it covers. */
  upTo: number;
  /** What it was made from: the previous summary, by its `upTo`, and the turns after it. */
  from: { upTo: number; turnIds: readonly string[] };
}

/** Conversations: their owners, current sessions and contexts. */
export interface ConversationStore {
  /** Returns the conversation and creates it if it is new; undefined if another user owns it. */
  open(id: string, userId: string): Promise<Conversation | undefined>;
  conversation(id: string): Promise<Conversation | undefined>;
  /** Replaces the context with the result of `change` and returns it. Writes nothing if `change` throws. */
  changeContext(id: string, change: (context: JsonObject) => JsonObject): Promise<JsonObject>;
  /** Starts a new session with an empty context, and stops all turns. */
  reset(id: string): Promise<SessionChange>;
  /** Replaces the session's summary. Returns false and writes nothing if the session has ended or a covered turn has left the history. */
  keepSummary(summary: NewSummary): Promise<boolean>;
}
