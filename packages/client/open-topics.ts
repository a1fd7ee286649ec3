import type { Socket } from "phoenix";

import { ConversationError } from "./error.ts";

/** The open topics of each socket, with a function that makes the holder give one up, if it can. */
const openTopics = new WeakMap<Socket, Map<string, (() => void) | undefined>>();

/**
 * Marks a topic as open, and returns a function that frees it. Throws if it is already open: a socket has one channel per
 * topic, and phoenix.js silently closes the first for the second. A holder that passed `giveUp` is made to leave instead.
 */
export function claimTopic(socket: Socket, topic: string, giveUp?: () => void): () => void {
  const open = openTopics.get(socket) ?? new Map<string, (() => void) | undefined>();
  openTopics.set(socket, open);
  open.get(topic)?.();
  if (open.has(topic)) {
    const message = `${topic} is already open on this socket. Use that conversation, or leave it first.`;
    throw new ConversationError("already_open", message);
  }
  open.set(topic, giveUp);
  return () => void open.delete(topic);
}

export function isOpen(socket: Socket, topic: string): boolean {
  return openTopics.get(socket)?.has(topic) ?? false;
}
