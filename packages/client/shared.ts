import type { Socket } from "phoenix";

import { type Conversation, type ConversationOptions, conversation } from "./conversation.ts";

export type UseConversationOptions = Omit<ConversationOptions, "on">;

interface Shared {
  conversation: Conversation;
  preferences: string;
  users: number;
  leaving?: ReturnType<typeof setTimeout>;
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

/** Opens a conversation, or shares the one that other components have open. Call the returned function once to release it. */
export function holdShared(socket: Socket, id: string, options: UseConversationOptions): () => void {
  const open = openOn(socket);
  const found = open.get(id);
  clearTimeout(found?.leaving);
  const entry = found && !isOver(found) ? found : opened(socket, id, options);
  open.set(id, entry);
  entry.users += 1;
  return () => {
    entry.users -= 1;
    if (entry.users > 0) return;
    // Later, since StrictMode unmounts and remounts each component at once.
    entry.leaving = setTimeout(() => {
      open.delete(id);
      entry.conversation.leave();
    }, 0);
  };
}

function opened(socket: Socket, id: string, options: UseConversationOptions): Shared {
  return { conversation: conversation(socket, id, options), preferences: keyOf(options.preferences), users: 0 };
}

/** It was left, and no component uses it any more. */
function isOver({ conversation, users }: Shared): boolean {
  return users === 0 && conversation.store.outline.getSnapshot().connection.state === "left";
}

/** Joins again if the preferences differ from the current ones. */
export function preferShared(socket: Socket, id: string, preferences: UseConversationOptions["preferences"]): void {
  const entry = shared.get(socket)?.get(id);
  if (!entry || preferences === undefined || entry.preferences === keyOf(preferences)) return;
  entry.preferences = keyOf(preferences);
  entry.conversation.setPreferences(preferences).catch(() => {}); // a refusal is in the store's `connection`
}

export function keyOf(preferences: UseConversationOptions["preferences"]): string {
  return JSON.stringify(preferences ?? {});
}
