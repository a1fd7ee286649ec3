import { browserStore } from "./storage.ts";

const maxConversations = 100;
const maxTitle = 200;

export interface ListedConversation {
  conversation_id: string;
  title: string;
  updated_at: string;
  running?: boolean;
  /** It waits for a person. */
  waiting?: boolean;
}

/** Conversations opened in this browser, newest first. Used if the server does not list them. */
export function remembered(userId: string): ListedConversation[] {
  try {
    const list: unknown = JSON.parse(browserStore.read(keyOf(userId)) ?? "[]");
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

/** Keeps the first question as the title; later ones only update the time. */
export function remember(userId: string, id: string, question: string): void {
  const all = remembered(userId);
  const known = all.find(({ conversation_id }) => conversation_id === id);
  const kept = {
    conversation_id: id,
    title: known?.title || question.slice(0, maxTitle),
    updated_at: new Date().toISOString(),
  };
  const others = all.filter((entry) => entry !== known);
  browserStore.write(keyOf(userId), JSON.stringify([kept, ...others].slice(0, maxConversations)));
}

function keyOf(userId: string): string {
  return `conversations:${userId}`;
}
