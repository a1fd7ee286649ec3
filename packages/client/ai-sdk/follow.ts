import type { ChatStatus } from "ai";

import type { ConversationStore } from "../store/state.ts";
import type { ConversationUIMessage } from "./message.ts";
import type { Thread } from "./thread.ts";

/** What `follow` needs of the `Chat` of `@ai-sdk/react`, `@ai-sdk/vue` or `@ai-sdk/svelte`. */
export interface FollowingChat {
  messages: ConversationUIMessage[];
  readonly status: ChatStatus;
  resumeStream(): Promise<void>;
}

interface Followed {
  store: ConversationStore;
  thread: Thread;
  /** The turn that `resumeStream` would read. */
  resumable: () => string | undefined;
  /** Whether the chat reads a turn, or is about to. */
  isReading: () => boolean;
}

/** `useChat` has settled its status this long after a stream ended. */
const settledMs = 20;

/**
 * Keeps a chat's messages equal to the conversation's, and has it stream turns that were started elsewhere. `check` looks
 * again; call it when a stream has ended.
 */
export function follow(chat: FollowingChat, { store, thread, resumable, isReading }: Followed) {
  const resumed = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function check(): void {
    clearTimeout(timer);
    // What was there before, such as messages of a cache, stays until the history has come.
    if (!store.outline.getSnapshot().isLoaded && chat.messages.length > 0) return;
    const isBusy = chat.status === "submitted" || chat.status === "streaming";
    showMessages(isBusy);
    if (isBusy && !isReading()) timer = setTimeout(check, settledMs);
    if (!isBusy && !isReading()) resume();
  }

  /** A message that the chat is writing is left to it. */
  function showMessages(isBusy: boolean): void {
    const shown = chat.messages;
    const writing = isBusy ? new Map(shown.map((message) => [message.id, message])) : undefined;
    const messages = thread.messages().map((message) => {
      const isWritten = message.role === "assistant" && isUnended(message);
      return (isWritten && writing?.get(message.id)) || message;
    });
    const isSame = messages.length === shown.length && messages.every((message, at) => message === shown[at]);
    if (!isSame) chat.messages = messages;
  }

  /** At most once for a turn: a chat that could not read it would fail again. */
  function resume(): void {
    const key = resumable();
    if (key === undefined || resumed.has(key)) return;
    resumed.add(key);
    void chat.resumeStream();
  }

  const unsubscribe = store.outline.subscribe(check);
  check();
  return {
    check,
    stop(): void {
      clearTimeout(timer);
      unsubscribe();
    },
  };
}

function isUnended({ metadata }: ConversationUIMessage): boolean {
  return metadata?.status === "running" || metadata?.status === "queued" || metadata?.status === "waiting";
}
