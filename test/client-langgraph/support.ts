import type { BaseMessage } from "@langchain/core/messages";
import { Client } from "@langchain/langgraph-sdk/client";
import { StreamController, type StreamSubmitOptions } from "@langchain/langgraph-sdk/stream";
import { Socket } from "phoenix";
import { expect } from "vitest";
import { WebSocket } from "ws";

import {
  type ConversationStream,
  type ConversationStreamOptions,
  type ConversationValues,
  conversationStream,
} from "../../packages/client/langgraph/langgraph.ts";

export interface Shown {
  type: string;
  text: string;
}

/** A page with `useStream`: the hook's own engine, which its React, Vue, Svelte and Angular packages wrap, set up as they do. */
export function hook(url: string, id: string, options: ConversationStreamOptions = {}) {
  const transports: WebSocket[] = [];
  class Transport extends WebSocket {
    constructor(address: string, protocols?: string[]) {
      super(address, protocols);
      transports.push(this);
    }
  }
  const socket = new Socket(url, { transport: Transport, params: { api_key: "key-a" } });
  socket.connect();
  const stream = conversationStream(socket, id, { storage: null, ...options });
  return {
    ...controlled(stream),
    stream,
    socket,
    drop: () => transports.at(-1)?.terminate(),
    [Symbol.asyncDispose]: end,
  };

  async function end(): Promise<void> {
    const transport = transports.at(-1);
    socket.disconnect();
    if (!transport || transport.readyState === WebSocket.CLOSED) return;
    await new Promise((resolve) => transport.once("close", resolve));
  }
}

/** What the hook makes of its options. */
export function controlled(options: ConversationStream) {
  // The hook reads these from its options, whatever their type says.
  const { apiUrl, callerOptions } = options as unknown as NonNullable<ConstructorParameters<typeof Client>[0]>;
  const client = new Client<ConversationValues>({ apiUrl, callerOptions });
  const controller = new StreamController<ConversationValues>({
    assistantId: "_",
    client,
    threadId: options.threadId,
    transport: options.transport,
    initialValues: options.initialValues,
  });
  const snapshot = () => controller.rootStore.getSnapshot();
  return {
    client,
    controller,
    snapshot,
    /** The texts on screen. */
    texts: () => snapshot().messages.map(textOf),
    submit: (content: string, submit?: StreamSubmitOptions<ConversationValues>) =>
      controller.submit({ messages: [{ type: "human", content }] }, submit),
    /** What `useMessageMetadata` gives for a message. */
    forkOf: (at: number) => {
      const id = snapshot().messages.at(at)?.id ?? "";
      return controller.messageMetadataStore.getSnapshot().get(id)?.parentCheckpointId;
    },
    async idle(): Promise<void> {
      await expect.poll(() => snapshot().isLoading).toBe(false);
    },
  };
}

export function textOf(message: BaseMessage | undefined): string {
  return message?.text ?? "";
}
