import { v7 } from "uuid";

import type { JsonObject, Sampling } from "../../graphs/host.ts";
import type { Conversation } from "../store/conversations.ts";
import type { NewTurn } from "../store/turns.ts";

/** A message as its conversation's channel understood it. */
export interface Submission {
  query: string;
  clientId?: string;
  /** Of this message only. */
  context: JsonObject;
  options: JsonObject;
  preferences: JsonObject;
  sampling: Sampling[];
  engine?: string;
  whenBusy: "queue" | "replace" | "reject";
  /** The turn that is answered again. */
  replaces?: string;
}

/** A turn for it, in the conversation as it is now. Its id sorts by time, so that a new row lands beside the newest ones. */
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
