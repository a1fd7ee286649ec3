import type { AIMessage } from "@langchain/core/messages";

import { type Call, prepare, request, withFallbacks } from "./call.ts";
import type { ChatModel } from "./chat-model.ts";
import { ModelFailure } from "./failure.ts";
import { type TurnRuntime, turn } from "./host.ts";
import type { Prompt } from "./prompt.ts";
import { cutToBytes } from "./text.ts";
import { WholeCharacters } from "./whole-characters.ts";

/** In UTF-8. A longer answer is cut, and marked as truncated. */
const maxAnswerBytes = 1_048_576;

/** In UTF-16 units. A longer reply to a step counts as a failure. */
const maxStepReplyUnits = 262_144;

/** This tag keeps the tokens of a call out of LangGraph's `messages` stream. */
const hidden = ["nostream"];

/** Streams the turn's answer to the client and returns the whole text. Throws a ModelFailure if no model answers. */
export async function answer(
  runtime: TurnRuntime,
  prompt: Prompt,
  question: string,
  values: Record<string, string> = {},
): Promise<string> {
  const call = await prepare(runtime, { prompt, question, values, isAnswer: true });
  turn(runtime).host.progress({ type: "answering" });
  return await withFallbacks(call, async (model, { isFallback, isShortened }) => {
    if (isFallback || isShortened) call.host.restart();
    const first = await stream(call, model, isFallback);
    if (!isBlank(first)) return first;
    call.host.restart();
    const second = await stream(call, model, isFallback);
    if (isBlank(second)) throw new ModelFailure("model_unavailable", "The model gave an empty answer twice.");
    return second;
  });
}

function isBlank(text: string): boolean {
  return text.trim() === "";
}

/** Streams one reply to the host. */
async function stream(call: Call, model: ChatModel, isFallback: boolean): Promise<string> {
  const { host } = call;
  const facts = { model_used: model.name, ...(isFallback && { fallback_model: model.name }) };
  const characters = new WholeCharacters();
  let length = 0;
  let left = maxAnswerBytes;
  let isCut = false;
  /** Which of the call's requests the reasoning is from. */
  let thinking = 0;

  /** A request that is sent again thinks again. */
  function discardEarlierThoughts(): void {
    const { llm_calls } = call.spending;
    if (thinking !== 0 && thinking !== llm_calls) host.restart();
    thinking = llm_calls;
  }

  function onReasoning(text: string): void {
    discardEarlierThoughts();
    host.reasoning(text);
  }

  function onRestart(reasoning: string): void {
    if (length > 0 || thinking !== 0) host.restart();
    characters.end();
    length = 0;
    left = maxAnswerBytes;
    thinking = call.spending.llm_calls;
    host.reasoning(reasoning);
  }

  function onText(text: string, name: string | undefined): boolean {
    if (thinking !== 0) discardEarlierThoughts();
    if (length === 0) host.answered(Object.assign(facts, name && { model_used: name }));
    return show(characters.add(text));
  }

  function show(text: string): boolean {
    const piece = cutToBytes(text, left);
    length += piece.length;
    host.delta(piece);
    left -= Buffer.byteLength(piece);
    isCut = piece.length < text.length;
    return !isCut;
  }

  const reply = await request(call, model, { onText, onReasoning, onRestart });
  if (!isCut) show(characters.end());
  if (isCut || reply.response_metadata.finish_reason === "length") host.answered({ ...facts, truncated: true });
  return reply.text.slice(0, length).toWellFormed();
}

/** A model call whose text is not shown to the client. */
export async function think(call: Call): Promise<string> {
  return await withFallbacks(call, async (model) => (await collect(call, model)).text.trim().toWellFormed());
}

/** Sends one request that is not shown to the client. Throws a ModelFailure if the reply is too long. */
export async function collect(
  call: Call,
  model: ChatModel,
  options: NonNullable<Parameters<typeof request>[2]> = {},
): Promise<AIMessage> {
  let left = maxStepReplyUnits;
  function onText(text: string, name: string | undefined): boolean {
    left -= text.length;
    return left >= 0 && options.onText?.(text, name) !== false;
  }
  const reply = await request(call, model, { ...options, onText, tags: hidden });
  if (left < 0) throw new ModelFailure("model_unavailable", "The model's reply is too long.");
  return reply;
}
