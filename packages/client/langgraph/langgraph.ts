import type { Socket } from "phoenix";

import type { ConversationOptions } from "../conversation.ts";
import type { Conversation } from "../handle.ts";
import { findShared, holdShared } from "../shared.ts";
import { type ConversationAdapter, conversationAdapter, type Hold } from "./adapter.ts";
import { localServer } from "./local-server.ts";
import type { ConversationValues } from "./values.ts";

export type { ConversationAdapter } from "./adapter.ts";
export type { ConversationMessage, ConversationValues, TurnValues } from "./values.ts";

export type ConversationStreamOptions = Omit<ConversationOptions, "on">;

/** Options of `useStream`. */
export interface ConversationStream {
  transport: ConversationAdapter;
  threadId: string;
  initialValues: ConversationValues;
}

const bySocket = new WeakMap<Socket, Map<string, ConversationStream>>();
const byConversation = new WeakMap<Conversation, ConversationStream>();

/**
 * Connects `useStream` to a conversation: `useStream<ConversationValues>(conversationStream(socket, id))`. The result is the
 * same object for the same socket and id, so it can be called in a component. The conversation is open while a component
 * uses it. To open and leave it yourself, pass an open conversation instead.
 */
export function conversationStream(socket: Socket, id: string, options?: ConversationStreamOptions): ConversationStream;
export function conversationStream(conversation: Conversation): ConversationStream;
export function conversationStream(
  source: Socket | Conversation,
  id = "",
  options: ConversationStreamOptions = {},
): ConversationStream {
  return "store" in source ? ofConversation(source) : ofSocket(source, id, options);
}

function ofConversation(conversation: Conversation): ConversationStream {
  const id = conversation.channel.topic.slice("conversation:".length);
  const stream = byConversation.get(conversation) ?? streamOf(id, () => ({ conversation, release: () => {} }));
  byConversation.set(conversation, stream);
  return stream;
}

function ofSocket(socket: Socket, id: string, options: ConversationStreamOptions): ConversationStream {
  const streams = bySocket.get(socket) ?? new Map<string, ConversationStream>();
  bySocket.set(socket, streams);
  const hold: Hold = () => {
    const release = holdShared(socket, id, options);
    const conversation = findShared(socket, id);
    if (!conversation) throw new Error("unreachable");
    return { conversation, release };
  };
  const stream = streams.get(id) ?? streamOf(id, hold);
  streams.set(id, stream);
  return stream;
}

function streamOf(threadId: string, hold: Hold): ConversationStream {
  const transport = conversationAdapter(threadId, hold);
  const initialValues: ConversationValues = {
    messages: [],
    turns: [],
    requests: [],
    connection: { state: "connecting" },
    hasEarlier: false,
  };
  // The hook passes these to its HTTP client, although its types forbid them together with a transport.
  const http = { apiUrl: "http://conversation", callerOptions: { fetch: localServer(transport) } };
  return Object.assign({ transport, threadId, initialValues }, http);
}
