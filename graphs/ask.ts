import type { AIMessageChunk } from "@langchain/core/messages";

import { type Call, firstThatAnswers, prepare, request } from "./call.ts";
import { ModelFailure } from "./failure.ts";
import { type ChatModel, type ModelCallOptions, type TurnRuntime, turn } from "./host.ts";
import type { Prompt } from "./prompt.ts";
import { cut } from "./text.ts";

/** An answer is cut at so many bytes of UTF-8, and marked as truncated. */
const longestAnswerBytes = 1_048_576;

/** A hidden reply that is longer, in UTF-16 units, is no use to a step. */
const longestHidden = 262_144;

/** The hidden calls' tag: LangGraph's `messages` stream leaves their tokens out. */
const hidden = ["nostream"];

/** Answers the question in the open: every piece goes to the host at once. Returns the whole text. */
export async function answer(
  runtime: TurnRuntime,
  prompt: Prompt,
  question: string,
  values: Record<string, string> = {},
): Promise<string> {
  const call = prepare(runtime, { prompt, question, values });
  turn(runtime).host.progress({ type: "answering" });
  return await firstThatAnswers(call, async (model, isFallback) => {
    if (isFallback) call.host.restart();
    const first = await shown(call, model, isFallback);
    if (!isBlank(first)) return first;
    call.host.restart();
    const second = await shown(call, model, isFallback);
    if (isBlank(second)) throw new ModelFailure("model_unavailable", "The model answered with nothing, twice.");
    return second;
  });
}

function isBlank(text: string): boolean {
  return text.trim() === "";
}

/** Streams one reply to the host. */
async function shown(call: Call, model: ChatModel, isFallback: boolean): Promise<string> {
  const { host } = call;
  const facts = { model_used: model.name, ...(isFallback && { fallback_model: model.name }) };
  let text = "";
  let room = longestAnswerBytes;
  for await (const chunk of request(call, model)) {
    if (text === "") host.answered(Object.assign(facts, nameOf(chunk)));
    const piece = fitting(chunk.text, room);
    if (piece) host.delta(piece);
    text += piece;
    room -= Buffer.byteLength(piece);
    const isCut = piece.length < chunk.text.length;
    if (isCut || chunk.response_metadata.finish_reason === "length") host.answered({ ...facts, truncated: true });
    if (isCut) return text;
  }
  return text;
}

function nameOf({ response_metadata: { model_name } }: AIMessageChunk) {
  return model_name ? { model_used: String(model_name) } : {};
}

/** As much of a piece as fits into so many bytes of UTF-8. */
function fitting(piece: string, bytes: number): string {
  if (piece.length * 3 <= bytes || Buffer.byteLength(piece) <= bytes) return piece;
  let most = Math.min(piece.length, bytes);
  while (Buffer.byteLength(cut(piece, most)) > bytes) most = Math.floor(most * 0.9);
  return cut(piece, most);
}

/** One model call whose text nobody sees but the graph. */
export async function think(call: Call): Promise<string> {
  return await firstThatAnswers(call, async (model) => (await collect(call, model)).text.trim());
}

/** Reads one hidden reply to its end. */
export async function collect(
  call: Call,
  model: ChatModel,
  options: Parameters<typeof request>[2] & ModelCallOptions = {},
): Promise<AIMessageChunk> {
  let reply: AIMessageChunk | undefined;
  let length = 0;
  for await (const chunk of request(call, model, { ...options, tags: hidden })) {
    reply = reply ? reply.concat(chunk) : chunk;
    length += chunk.text.length;
    if (length > longestHidden) throw new ModelFailure("model_unavailable", "The model's reply is too long.");
  }
  if (!reply) throw new ModelFailure("model_unavailable", "The model answered with nothing.");
  return reply;
}
