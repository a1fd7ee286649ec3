import { type AIMessage, AIMessageChunk } from "@langchain/core/messages";
import { ChatGenerationChunk } from "@langchain/core/outputs";

import type { ReplyPiece } from "./ask.ts";

/** A reply as LangChain's chunks, while it comes. Tool calls, usage and metadata are in the last one. The signal aborts when the consumer stops. */
export async function* generationChunks(
  ask: (onPiece: (piece: ReplyPiece) => void, closed: AbortSignal) => Promise<AIMessage>,
): AsyncGenerator<ChatGenerationChunk> {
  const closed = new AbortController();
  const pieces: ReplyPiece[] = [];
  let arrived = Promise.withResolvers<void>();
  const asked = ask((piece) => {
    pieces.push(piece);
    arrived.resolve();
  }, closed.signal);
  asked.catch(() => {}); // thrown below, unless the consumer has stopped
  try {
    for (let reply: AIMessage | undefined; !reply; ) {
      reply = (await Promise.race([asked, arrived.promise])) ?? undefined;
      arrived = Promise.withResolvers();
      for (const piece of pieces.splice(0)) yield chunkOf(piece);
      if (reply) yield lastChunk(reply);
    }
  } finally {
    closed.abort();
  }
}

function chunkOf({ text, reasoning }: ReplyPiece): ChatGenerationChunk {
  const additional_kwargs = reasoning === "" ? {} : { reasoning_content: reasoning };
  return new ChatGenerationChunk({ text, message: new AIMessageChunk({ content: text, additional_kwargs }) });
}

function lastChunk({ tool_calls = [], usage_metadata, response_metadata }: AIMessage): ChatGenerationChunk {
  const tool_call_chunks = tool_calls.map(({ id, name, args }, index) => ({
    id,
    name,
    args: JSON.stringify(args),
    index,
    type: "tool_call_chunk" as const,
  }));
  const message = new AIMessageChunk({ content: "", tool_call_chunks, usage_metadata, response_metadata });
  return new ChatGenerationChunk({ text: "", message });
}
