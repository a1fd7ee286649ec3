import { Chat } from "@ai-sdk/react";
import { lastAssistantMessageIsCompleteWithApprovalResponses } from "ai";
import { expect } from "vitest";

import {
  type ConversationTransportOptions,
  type ConversationUIMessage,
  conversationTransport,
} from "../../packages/client/ai-sdk/ai-sdk.ts";
import type { ConversationOptions } from "../../packages/client/conversation.ts";
import { page } from "../client/support.ts";

interface Options extends ConversationOptions, ConversationTransportOptions {
  /** Without it, the chat is as `useChat({ transport })` makes it. */
  follow?: boolean;
  apiKey?: string;
}

/** A page with `useChat`. */
export function chatPage(url: string, id: string, { follow = true, onAbort, apiKey, ...options }: Options = {}) {
  const opened = page(url, id, options, apiKey);
  const transport = conversationTransport(opened.conversation, { onAbort });
  const errors: Error[] = [];
  const chat = new Chat<ConversationUIMessage>({
    transport,
    onError: (error) => void errors.push(error),
    sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithApprovalResponses,
  });
  const unfollow = follow ? transport.follow(chat) : () => {};
  return {
    ...opened,
    transport,
    chat,
    /** All that `onError` got. */
    errors,
    /** The text of each message. */
    texts: () => chat.messages.map(textOf),
    last: () => chat.messages.at(-1),
    /** Resolves when the last answer on the page has this text. */
    shows: (text: string) => expect.poll(() => textOf(chat.messages.at(-1))).toBe(text),
    /** Resolves when the chat has nothing to do and shows what the server has. */
    async settled(): Promise<void> {
      await expect.poll(() => chat.status).toMatch(/ready|error/);
      await expect.poll(async () => chat.messages.map(textOf)).toEqual(await this.kept());
    },
    /** The texts of the server's history. */
    async kept(): Promise<string[]> {
      const { turns } = await opened.conversation.push("get_history", { limit: 200 });
      return turns.flatMap(({ query, response }) => [query, response]);
    },
    async [Symbol.asyncDispose]() {
      unfollow();
      await opened[Symbol.asyncDispose]();
    },
  };
}

export type ChatPage = ReturnType<typeof chatPage>;

export function textOf(message: ConversationUIMessage | undefined): string {
  return (message?.parts ?? []).flatMap((part) => (part.type === "text" ? part.text : [])).join("");
}
