import type { ChatTransport } from "ai";

import type { Conversation } from "../handle.ts";
import type { TurnState } from "../store/state.ts";
import { attachmentsOf } from "./attach.ts";
import { type FollowingChat, follow } from "./follow.ts";
import { type ConversationUIMessage, isStreaming, isUnfinished } from "./message.ts";
import { respond } from "./respond.ts";
import { type ConversationRequestBody, send } from "./send.ts";
import { type Source, streamOf } from "./stream.ts";
import { thread } from "./thread.ts";
import { until } from "./until.ts";

export type { FollowingChat } from "./follow.ts";
export type { ConversationDataParts, ConversationMetadata, ConversationUIMessage } from "./message.ts";
export type { ConversationRequestBody } from "./send.ts";

export interface ConversationTransportOptions {
  /**
   * What happens to the turn when `useChat` aborts its stream: on `stop`, and when a component that called `useChat` without a
   * `chat` unmounts. With "detach" the turn continues; stop it with `conversation.stop()`. Default: "stop".
   */
  onAbort?: "stop" | "detach";
}

export interface ConversationTransport extends ChatTransport<ConversationUIMessage> {
  /** The newest page of the history, for `messages`. Rejects with a `ConversationError` if the join is refused. */
  history(): Promise<ConversationUIMessage[]>;
  /**
   * Keeps `chat.messages` in sync with the conversation until the returned function is called: turns of other devices stream,
   * and everything loaded, replaced or stopped elsewhere is shown.
   */
  follow(chat: FollowingChat): () => void;
}

/** Connects `useChat` to a conversation. */
export function conversationTransport(
  conversation: Conversation,
  { onAbort = "stop" }: ConversationTransportOptions = {},
): ConversationTransport {
  const { store } = conversation;
  const messages = thread(store);
  const followers = new Set<() => void>();
  /** The keys of the turns being streamed. */
  const reading = new Set<symbol>();
  const stopping = new Set<string>();
  let reconnects = 0;

  function read(source: Source, signal: AbortSignal | undefined) {
    const { key } = source;
    const reader = Symbol(key);
    reading.add(reader);
    const over = () => {
      signal?.removeEventListener("abort", abandon);
      reading.delete(reader);
      for (const check of followers) setTimeout(check);
    };
    const abandon = () => {
      over();
      // React's StrictMode and a second `resumeStream` abort a stream and open it again at once.
      queueMicrotask(() => {
        if (onAbort === "stop" && reconnects === 0) void stop(key);
      });
    };
    signal?.addEventListener("abort", abandon, { once: true });
    return streamOf(store, source, over);
  }

  async function stop(key: string): Promise<void> {
    stopping.add(key);
    try {
      const turn = await until(
        store.turn(key),
        (state) => !state || state.turn_id !== undefined || !isUnfinished(state),
      );
      if (turn?.turn_id !== undefined && isUnfinished(turn)) await conversation.stop(turn.turn_id);
    } catch {
      stopping.delete(key); // the turn goes on, and shows again
    }
  }

  /** A turn that waits for a person holds up those behind it. */
  function resumable(): TurnState | undefined {
    const { turns } = store.getSnapshot();
    const next = turns.find((turn) => isUnfinished(turn) && !stopping.has(turn.key));
    return next && isStreaming(next) ? next : undefined;
  }

  async function loaded(): Promise<void> {
    await conversation.joined;
    await until(store.outline, ({ isLoaded, connection }) => isLoaded || connection.state === "left");
  }

  return {
    async sendMessages({ trigger, messageId, messages: shown, abortSignal, body }) {
      const answer = shown.find(({ id, role }) => id === messageId && role === "assistant");
      if (trigger === "submit-message" && answer) {
        const asking = await respond(conversation, answer);
        return read(asking, abortSignal);
      }
      const question = shown.at(-1);
      const attachments = question?.role === "user" ? await attachmentsOf(conversation, question, abortSignal) : [];
      abortSignal?.throwIfAborted();
      // The server checks what a page sends.
      const turn = send(conversation, messages, {
        trigger,
        messageId,
        messages: shown,
        attachments,
        body: body as ConversationRequestBody,
      });
      return read(turn, abortSignal);
    },
    async reconnectToStream({ abortSignal }) {
      reconnects += 1;
      try {
        await loaded();
        const key = abortSignal?.aborted ? undefined : resumable()?.key;
        return key === undefined ? null : read({ key }, abortSignal);
      } finally {
        reconnects -= 1;
      }
    },
    async history() {
      await loaded();
      return messages.messages();
    },
    follow(chat) {
      const isReading = () => reading.size > 0 || reconnects > 0;
      const following = follow(chat, { store, thread: messages, resumable, isReading });
      followers.add(following.check);
      return () => {
        followers.delete(following.check);
        following.stop();
      };
    },
  };
}
