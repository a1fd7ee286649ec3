import type { AIMessage } from "@langchain/core/messages";

import { type Call, firstThatAnswers, prepare, request } from "./call.ts";
import { ModelFailure } from "./failure.ts";
import { type ChatModel, type TurnRuntime, turn } from "./host.ts";
import type { Prompt } from "./prompt.ts";

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
  let length = 0;
  let room = longestAnswerBytes;
  let isCut = false;

  function onText(text: string, name: string | undefined): boolean {
    if (length === 0) host.answered(Object.assign(facts, name && { model_used: name }));
    const piece = fitting(text, room);
    length += piece.length;
    host.delta(piece);
    room -= Buffer.byteLength(piece);
    isCut = piece.length < text.length;
    return !isCut;
  }

  const reply = await request(call, model, { onText });
  if (isCut || reply.response_metadata.finish_reason === "length") host.answered({ ...facts, truncated: true });
  return reply.text.slice(0, length);
}

/** As much of a piece as fits into so many bytes of UTF-8: a decoder that expects more leaves out a character that is cut. */
function fitting(piece: string, bytes: number): string {
  if (piece.length * 3 <= bytes || Buffer.byteLength(piece) <= bytes) return piece;
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return piece.slice(0, decoder.decode(Buffer.from(piece).subarray(0, bytes), { stream: true }).length);
}

/** One model call whose text nobody sees but the graph. */
export async function think(call: Call): Promise<string> {
  return await firstThatAnswers(call, async (model) => (await collect(call, model)).text.trim());
}

/** Reads one hidden reply to its end. */
export async function collect(
  call: Call,
  model: ChatModel,
  options: Parameters<typeof request>[2] = {},
): Promise<AIMessage> {
  let room = longestHidden;
  function onText(text: string): boolean {
    room -= text.length;
    return room >= 0;
  }
  const reply = await request(call, model, { ...options, onText, tags: hidden });
  if (room < 0) throw new ModelFailure("model_unavailable", "The model's reply is too long.");
  return reply;
}
