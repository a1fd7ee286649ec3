import type { ToolCallChunk, UsageMetadata } from "@langchain/core/messages";
import { createParser } from "eventsource-parser";

import { ModelFailure } from "../../graphs/failure.ts";
import type { SilenceClock } from "./silence-clock.ts";

/** What one read from the model server brought. */
export interface Piece {
  text: string;
  model?: string;
  finish?: string;
  usage?: UsageMetadata;
  toolCalls?: ToolCallChunk[];
}

/** A chat completion (whole) or a chunk of one, as far as it is read here. Compatible servers leave out much of it. */
interface Completion {
  model?: string;
  error?: unknown;
  choices?: Array<{ delta?: Message; message?: Message; finish_reason?: string | null }>;
  usage?: { prompt_tokens?: number; completion_tokens?: number } | null;
}

interface Message {
  content?: string | null;
  refusal?: string | null;
  tool_calls?: Array<{ index?: number; id?: string; function?: { name?: string; arguments?: string } }>;
}

/** After the finish reason the usage may follow; a server that then says no more is not waited for. */
const afterFinishMs = 1_000;

/** In UTF-16 units: a longer event, or body that is no stream, is not read to its end. */
const longestEvent = 33_554_432;

/** Everything that arrives in one read is one piece. Ends at `[DONE]`; throws a ModelFailure for a cut or refused reply. */
export async function* completionReader(response: Response, clock: SilenceClock): AsyncGenerator<Piece> {
  if (!response.body) throw broken("The reply has no body.");
  if (response.headers.get("content-type")?.includes("application/json")) {
    return yield pieceOf([parse(await textOf(response.body))]);
  }
  let completions: Completion[] = [];
  let done = false;
  let finished = false;
  const parser = createParser({
    maxBufferSize: longestEvent,
    onError({ type }) {
      if (type === "max-buffer-size-exceeded") throw broken("An event of the reply does not end.");
    },
    onEvent({ data }) {
      if (data === "[DONE]") done = true;
      else completions.push(parse(data));
    },
  });
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  while (!done) {
    const read = await reader.read().catch((error: unknown) => {
      if (finished && clock.silent) return { done: true as const, value: undefined };
      throw error;
    });
    if (read.done) break;
    parser.feed(decoder.decode(read.value, { stream: true }));
    if (completions.length === 0) continue;
    const piece = pieceOf(completions);
    completions = [];
    finished ||= piece.finish !== undefined;
    clock.heard(piece.finish ? afterFinishMs : undefined);
    yield piece;
  }
  if (!finished && !done) throw broken("The reply was cut.");
  if (done) void readOut(reader);
}

async function textOf(body: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const part of body) {
    text += decoder.decode(part, { stream: true });
    if (text.length > longestEvent) throw broken("The reply does not end.");
  }
  return text;
}

/** Reads the end of the response, so that its connection is used again: the next call saves a handshake. Nobody waits for it. */
async function readOut(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const timer = setTimeout(() => reader.cancel().catch(() => {}), afterFinishMs).unref();
  try {
    while (!(await reader.read()).done);
  } catch {
    // The connection broke after all was said.
  } finally {
    clearTimeout(timer);
  }
}

function parse(data: string): Completion {
  try {
    const completion: unknown = JSON.parse(data);
    if (typeof completion === "object" && completion !== null) return completion;
  } catch (error) {
    throw broken("The reply is not JSON.", error);
  }
  throw broken("The reply is not a JSON object.");
}

function pieceOf(completions: Completion[]): Piece {
  const piece: Piece = { text: "" };
  for (const { model, error, choices, usage } of completions) {
    if (error) throw broken("The server ended the reply with an error.");
    if (model) piece.model = model;
    if (usage) piece.usage = usageOf(usage) ?? piece.usage;
    const choice = choices?.[0];
    const message = choice?.delta ?? choice?.message;
    if (message?.refusal) throw refused();
    if (typeof message?.content === "string") piece.text += message.content;
    if (message?.tool_calls) piece.toolCalls = [...(piece.toolCalls ?? []), ...message.tool_calls.map(toolCallOf)];
    if (choice?.finish_reason === "content_filter") throw refused();
    if (choice?.finish_reason) piece.finish = choice.finish_reason;
  }
  return piece;
}

/** Undefined for what is no count of tokens: some servers end with null or -1. */
function usageOf({ prompt_tokens, completion_tokens }: NonNullable<Completion["usage"]>): UsageMetadata | undefined {
  if (!isCount(prompt_tokens) || !isCount(completion_tokens)) return undefined;
  return {
    input_tokens: prompt_tokens,
    output_tokens: completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
  };
}

function isCount(tokens: unknown): tokens is number {
  return typeof tokens === "number" && tokens >= 0 && Number.isFinite(tokens);
}

function toolCallOf(call: NonNullable<Message["tool_calls"]>[number]): ToolCallChunk {
  const { name, arguments: args } = call.function ?? {};
  return { type: "tool_call_chunk", index: call.index ?? 0, id: call.id, name, args };
}

function refused() {
  return new ModelFailure("model_refused", "The model refused to answer.");
}

function broken(message: string, cause?: unknown) {
  return new ModelFailure("model_unavailable", message, { cause });
}
