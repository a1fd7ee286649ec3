import type { JsonObject } from "../../graphs/host.ts";

export interface Conversation {
  id: string;
  /** The user who joined first. */
  owner: string;
  sessionId: string;
  context: JsonObject;
}

/** What a reset did. */
export interface SessionChange {
  sessionId: string;
  /** Turns of the old session that had not ended: they are over now, and their claims void. */
  ended: string[];
}

/** A summary of a session's oldest turns. */
export interface NewSummary {
  sessionId: string;
  text: string;
  /** `seq` of the last turn that it covers. */
  upTo: number;
  /** What it was made from: how far the summary before it reached, and the turns since. */
  from: { upTo: number; turnIds: readonly string[] };
}

/** Who owns a conversation, and its session of now. */
export interface ConversationStore {
  /** The conversation of this id, made now when it is new; undefined when it is somebody else's. */
  open(id: string, userId: string): Promise<Conversation | undefined>;
  conversation(id: string): Promise<Conversation | undefined>;
  /** Stores what `change` makes of the context and resolves to it; writes nothing when that throws. */
  changeContext(id: string, change: (context: JsonObject) => JsonObject): Promise<JsonObject>;
  /** Begins a new session with no context. */
  reset(id: string): Promise<SessionChange>;
  /** Replaces the session's summary. False, and nothing is written, when a turn that it covers has left the history meanwhile, or the session is over. */
  keepSummary(summary: NewSummary): Promise<boolean>;
}
