// Hono and LangGraph: one thread per conversation, stored in SQLite.
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { SqliteSaver } from "@langchain/langgraph-checkpoint-sqlite";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";

import { listening } from "../programs/listening.ts";
import { chat } from "./graph.ts";

const graph = chat.compile({ checkpointer: SqliteSaver.fromConnString(process.env.DATABASE ?? "") });

const app = new Hono();
app.post("/chat", async (context) => {
  const { thread_id, message } = await context.req.json();
  const messages = [{ role: "user", content: message }];
  const stream = await graph.stream({ messages }, { configurable: { thread_id }, streamMode: "messages" });
  return streamSSE(context, async (events) => {
    for await (const [chunk] of stream) {
      if (chunk.text !== "") await events.writeSSE({ event: "delta", data: JSON.stringify({ text: chunk.text }) });
    }
    await events.writeSSE({ event: "done", data: "{}" });
  });
});
listening(createServer(getRequestListener(app.fetch)));
