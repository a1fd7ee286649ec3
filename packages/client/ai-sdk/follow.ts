import type { ChatStatus } from "ai";

import type { ConversationStore, TurnState } from "../store/state.ts";
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
  /** The turn that `resumeStream` would stream. */
  resumable: () => TurnState | undefined;
  /** Whether the chat is streaming a turn, or is about to. */
  isReading: () => boolean;
}

/** How long `useChat` takes to settle its status after a stream ends. */
const settledMs = 20;

/**
 * Keeps a chat's messages in sync with the conversation's, and makes it stream turns that were started elsewhere. Call `check`
 * when a stream has ended.
 */
export function follow(chat: FollowingChat, { store, thread, resumable, isReading }: Followed) {
  const resumed = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function check(): void {
    clearTimeout(timer);
    // Messages that were there before, such as cached ones, stay until the history is loaded.
    if (!store.outline.getSnapshot().isLoaded && chat.messages.length > 0) return;
    const isBusy = chat.status === "submitted" || chat.status === "streaming";
    showMessages(isBusy);
    if (isBusy && !isReading()) timer = setTimeout(check, settledMs);
    if (!isBusy && !isReading()) resume();
  }

  /** The message that the chat is streaming is left alone. */
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

  /** At most once per turn, and once more after each wait: if the chat could not stream it, it would fail again. */
  function resume(): void {
    const turn = resumable();
    if (!turn) return;
    const time = `${turn.key} ${turn.parts.filter(({ type }) => type === "request").length}`;
    if (resumed.has(time)) return;
    resumed.add(time);
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
