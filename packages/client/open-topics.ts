import type { Socket } from "phoenix";

import { ConversationError } from "./error.ts";

const openTopics = new WeakMap<Socket, Set<string>>();

/**
 * Marks a topic as open, and returns a function that ends this. Throws if it is open already: a socket has one channel for
 * each topic, and phoenix.js silently closes the first for the second.
 */
export function claimTopic(socket: Socket, topic: string): () => void {
  const open = openTopics.get(socket) ?? new Set();
  if (open.has(topic)) {
    const message = `${topic} is already open on this socket. Use that conversation, or leave it first.`;
    throw new ConversationError("already_open", message);
  }
  openTopics.set(socket, open.add(topic));
  return () => void open.delete(topic);
}
