import { v7 } from "uuid";

import type { JsonObject, Sampling } from "../../graphs/host.ts";
import type { Conversation } from "../store/conversations.ts";
import type { NewTurn } from "../store/turns.ts";

/** A validated message. */
export interface Submission {
  query: string;
  clientId?: string;
  /** For this message only. */
  context: JsonObject;
  options: JsonObject;
  preferences: JsonObject;
  sampling: Sampling[];
  engine?: string;
  whenBusy: "queue" | "replace" | "reject";
  /** Id of the turn to replace. */
  replaces?: string;
}

/** Makes a turn of a submission. Its id is a UUIDv7: ids that sort by time keep the index compact. */
export function turnOf(conversation: Conversation, submission: Submission): NewTurn {
  const { query, clientId, context, options, preferences, sampling, engine, replaces } = submission;
  return {
    id: v7(),
    conversationId: conversation.id,
    sessionId: conversation.sessionId,
    userId: conversation.owner,
    clientId,
    replaces,
    request: { query, context: { ...conversation.context, ...context }, options, preferences, sampling, engine },
  };
}
