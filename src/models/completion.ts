import type { ToolCallChunk, UsageMetadata } from "@langchain/core/messages";

import { ModelFailure } from "../../graphs/failure.ts";

/** The part of a reply that arrived in one network read. */
export interface Piece {
  text: string;
  /** What the model tells about its thinking. */
  reasoning?: string;
  model?: string;
  finish?: string;
  usage?: UsageMetadata;
  toolCalls?: ToolCallChunk[];
}

/** The parts of a chat completion, or of a chunk of one, that are used here. Compatible servers leave out much of it. */
interface Completion {
  model?: string;
  error?: unknown;
  choices?: Array<{ delta?: Message; message?: Message; finish_reason?: string | null }>;
  usage?: { prompt_tokens?: unknown; completion_tokens?: unknown } | null;
}

interface Message {
  content?: string | null;
  reasoning_content?: string | null;
  refusal?: string | null;
  tool_calls?: Array<{ index?: number; id?: string; function?: { name?: string; arguments?: string } }>;
}

/** Parses a completion (JSON) and adds it to the piece. */
export function addCompletion(piece: Piece, json: string): void {
  const { model, error, choices, usage } = parse(json);
  if (error) throw broken("The server ended the reply with an error.");
  if (model) piece.model = model;
  if (usage) piece.usage = usageOf(usage) ?? piece.usage;
  const choice = choices?.[0];
  const message = choice?.delta ?? choice?.message;
  if (message?.refusal) throw refused();
  if (message?.reasoning_content) piece.reasoning = (piece.reasoning ?? "") + message.reasoning_content;
  if (typeof message?.content === "string") piece.text += message.content;
  if (message?.tool_calls) piece.toolCalls = [...(piece.toolCalls ?? []), ...message.tool_calls.map(toolCallOf)];
  if (choice?.finish_reason === "content_filter") throw refused();
  if (choice?.finish_reason) piece.finish = choice.finish_reason;
}

export function broken(message: string, cause?: unknown) {
  return new ModelFailure("model_unavailable", message, { cause });
}

function refused() {
  return new ModelFailure("model_refused", "The model refused to answer.");
}

function parse(json: string): Completion {
  try {
    const completion: unknown = JSON.parse(json);
    if (typeof completion === "object" && completion !== null) return completion;
  } catch (error) {
    throw broken("The reply is not JSON.", error);
  }
  throw broken("The reply is not a JSON object.");
}

/** Undefined unless both counts are valid: some servers send null or -1. */
function usageOf({ prompt_tokens, completion_tokens }: NonNullable<Completion["usage"]>): UsageMetadata | undefined {
  if (!isCount(prompt_tokens) || !isCount(completion_tokens)) return undefined;
  const total_tokens = prompt_tokens + completion_tokens;
  if (!isCount(total_tokens)) return undefined;
  return { input_tokens: prompt_tokens, output_tokens: completion_tokens, total_tokens };
}

function isCount(tokens: unknown): tokens is number {
  return Number.isSafeInteger(tokens) && Number(tokens) >= 0;
}

function toolCallOf(call: NonNullable<Message["tool_calls"]>[number]): ToolCallChunk {
  const { name, arguments: args } = call.function ?? {};
  return { type: "tool_call_chunk", index: call.index ?? 0, id: call.id, name, args };
}
