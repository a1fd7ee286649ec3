import type { ToolCallChunk, UsageMetadata } from "@langchain/core/messages";

import { ModelFailure } from "../../graphs/failure.ts";

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
  usage?: { prompt_tokens?: unknown; completion_tokens?: unknown } | null;
}

interface Message {
  content?: string | null;
  refusal?: string | null;
  tool_calls?: Array<{ index?: number; id?: string; function?: { name?: string; arguments?: string } }>;
}

/** Adds what a completion says, as JSON, to the piece. */
export function addCompletion(piece: Piece, json: string): void {
  const { model, error, choices, usage } = parse(json);
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

/** Undefined for what is no count of tokens: some servers end with null or -1, and sums have to stay exact. */
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
