import type { Socket } from "phoenix";

import { type Conversation, type ConversationOptions, conversation } from "../conversation.ts";

export type UseConversationOptions = Omit<ConversationOptions, "on">;

interface Shared {
  conversation: Conversation;
  preferences: string;
  users: number;
  /** Ends the wait for leaving. */
  keep: () => void;
}

const shared = new WeakMap<Socket, Map<string, Shared>>();

function openOn(socket: Socket): Map<string, Shared> {
  const open = shared.get(socket) ?? new Map<string, Shared>();
  shared.set(socket, open);
  return open;
}

/** The conversation that components have open on the socket. */
export function findShared(socket: Socket, id: string): Conversation | undefined {
  return shared.get(socket)?.get(id)?.conversation;
}

/** Opens a conversation, or joins in with the components that have it open. Call the returned function once, at the end. */
export function holdShared(socket: Socket, id: string, options: UseConversationOptions): () => void {
  const open = openOn(socket);
  const entry = open.get(id) ?? {
    conversation: conversation(socket, id, options),
    preferences: keyOf(options.preferences),
    users: 0,
    keep: () => {},
  };
  open.set(id, entry);
  entry.keep();
  entry.users += 1;
  return () => {
    entry.users -= 1;
    if (entry.users > 0) return;
    entry.keep = leaveLater(entry.conversation, () => open.delete(id));
  };
}

/** Joins again if other preferences are asked for. */
export function preferShared(socket: Socket, id: string, preferences: UseConversationOptions["preferences"]): void {
  const entry = shared.get(socket)?.get(id);
  if (!entry || preferences === undefined || entry.preferences === keyOf(preferences)) return;
  entry.preferences = keyOf(preferences);
  entry.conversation.setPreferences(preferences).catch(() => {}); // a refusal is in the store's `connection`
}

export function keyOf(preferences: UseConversationOptions["preferences"]): string {
  return JSON.stringify(preferences ?? {});
}

/**
 * Leaves once nothing waits to be sent, and not before the components of this update are there: StrictMode takes each away
 * and puts it back at once.
 */
function leaveLater(conversation: Conversation, left: () => void): () => void {
  const { outline } = conversation.store;
  let unsubscribe = () => {};
  const leave = () => {
    if (outline.getSnapshot().unsent.length > 0) return;
    unsubscribe();
    left();
    conversation.leave();
  };
  const timer = setTimeout(() => {
    unsubscribe = outline.subscribe(leave);
    leave();
  }, 0);
  return () => {
    clearTimeout(timer);
    unsubscribe();
  };
}
