// Express and the AI SDK: each request contains the whole conversation, as `useChat` sends it. Nothing is stored.
import { createServer } from "node:http";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { convertToModelMessages, pipeUIMessageStreamToResponse, streamText, toUIMessageStream } from "ai";
import express from "express";

import { listening } from "../programs/listening.ts";

const provider = createOpenAICompatible({
  name: "bench",
  apiKey: "none",
  baseURL: process.env.OPENAI_BASE_URL ?? "",
  includeUsage: true,
});
const model = provider("bench");

const app = express();
app.use(express.json());
app.post("/chat", async (request, response) => {
  const result = streamText({
    model,
    instructions: "You are a helpful assistant.",
    messages: await convertToModelMessages(request.body.messages),
  });
  await pipeUIMessageStreamToResponse({ response, stream: toUIMessageStream({ stream: result.stream }) });
});
listening(createServer(app));
