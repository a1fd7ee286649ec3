import type { AddressInfo, Server } from "node:net";

import { HumanMessage } from "@langchain/core/messages";

import { config } from "../../src/config.ts";
import { chatModels } from "../../src/models/models.ts";
import type { StreamingOpenAI } from "../../src/models/openai.ts";

export const question = [new HumanMessage("Hi")];

/** The events of a complete answer. */
export const events = (text: string) =>
  `data: ${JSON.stringify({ choices: [{ delta: { content: text }, finish_reason: "stop" }] })}\n\ndata: [DONE]\n\n`;

/** The same as a whole HTTP response, for servers that write to the socket directly. */
export const rawReply = (text: string) =>
  `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: ${events(text).length}\r\n\r\n${events(text)}`;

/** A client of the model server at this base URL. It has its own connections, and counts its requests. */
export function modelAt(baseURL: string, env: Record<string, string> = {}) {
  const models = chatModels(config({ OPENAI_API_KEY: "sk-test", OPENAI_BASE_URL: baseURL, ...env }));
  const client = {
    sent: 0,
    /** A chat model for one call. */
    chat(limits: { retries?: number; silenceMs?: number } = {}): StreamingOpenAI {
      const onRequest = () => {
        client.sent += 1;
      };
      const [model] = models({ prompt: "simple", onRequest, ...limits });
      return model?.chat as StreamingOpenAI; // the class of all models of a configured server
    },
    async ask(limits: { retries?: number; silenceMs?: number } = {}): Promise<string> {
      return (await client.chat(limits).invoke(question)).text;
    },
  };
  return client;
}

export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server has a port
}
