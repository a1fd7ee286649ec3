import { randomUUID } from "node:crypto";

import type { JsonObject, Sampling } from "../../graphs/host.ts";
import type { Conversation, NewTurn } from "../store/store.ts";

/** A message as its conversation's channel understood it. */
export interface Question {
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

/** A turn for it, in the conversation as it is now. */
export function turnOf(conversation: Conversation, question: Question): NewTurn {
  const { query, clientId, context, options, preferences, sampling, engine, replaces } = question;
  return {
    id: randomUUID(),
    conversationId: conversation.id,
    sessionId: conversation.sessionId,
    clientId,
    replaces,
    request: { query, context: { ...conversation.context, ...context }, options, preferences, sampling, engine },
  };
}
