import { AIMessage, type BaseMessage, HumanMessage } from "@langchain/core/messages";

import { think } from "./ask.ts";
import { prepare } from "./call.ts";
import { textOrNone } from "./compose.ts";
import type { TurnContext } from "./host.ts";
import { prompt } from "./prompt.ts";
import { cut } from "./text.ts";

const condensing = prompt("summary", ["summary"]);

/** A turn as the model remembers it. */
export interface Exchange {
  turnId: string;
  /** The turn's position in the order of acceptance. */
  seq: number;
  messages: readonly [HumanMessage, AIMessage];
  /** Estimated at four characters per token. */
  tokens: number;
}

interface Window {
  turns: number;
  tokens: number;
}

/** A memory above `fullWindow` is condensed down to `keptWindow`. Until the summary is ready, it is cut to `maxWindow`. */
const keptWindow: Window = { turns: 10, tokens: 7_000 };
const fullWindow: Window = { turns: 20, tokens: 14_000 };
export const maxWindow: Window = { turns: 40, tokens: 24_000 };

/** In UTF-16 units: this much text always fills `maxWindow`. */
export const maxWindowUnits = maxWindow.tokens * 4;

/** In UTF-16 units. Remembered answers are cut to this length, so that the last turn always fits. */
export const maxAnswerUnits = 16_000;

/** A turn as an exchange; undefined if it has no answer. */
export function exchange(turn: { id: string; seq: number; query: string; response: string }): Exchange | undefined {
  if (turn.response.trim() === "") return undefined;
  const messages = [userMessage(turn.query), assistantMessage(turn.response)] as const;
  const tokens = messages.reduce((sum, { content }) => sum + Math.ceil(content.length / 4) + 4, 0);
  return { turnId: turn.id, seq: turn.seq, messages, tokens };
}

/** Lone surrogates are replaced: they would make every later request malformed. */
export function userMessage(text: string): HumanMessage {
  return new HumanMessage({ content: text.toWellFormed() });
}

export function assistantMessage(text: string, id?: string): AIMessage {
  const content = text.length > maxAnswerUnits ? `${cut(text, maxAnswerUnits)} …` : text;
  return new AIMessage({ id, content: content.toWellFormed() });
}

/** The newest exchanges that fit into a window, oldest first. */
export function latest(exchanges: readonly Exchange[], window: Window): readonly Exchange[] {
  let left = window.tokens;
  let first = exchanges.length;
  while (first > 0 && exchanges.length - first < window.turns) {
    left -= exchanges[first - 1]?.tokens ?? 0;
    if (left < 0) break;
    first -= 1;
  }
  return first === 0 ? exchanges : exchanges.slice(first);
}

/** The oldest exchanges if the memory is too long, otherwise none. */
export function exchangesToCondense(exchanges: readonly Exchange[]): readonly Exchange[] {
  const tokens = exchanges.reduce((sum, { tokens }) => sum + tokens, 0);
  if (exchanges.length <= fullWindow.turns && tokens <= fullWindow.tokens) return [];
  return exchanges.slice(0, exchanges.length - latest(exchanges, keptWindow).length);
}

/** Asks the model for a summary of these exchanges and the previous summary. Throws if the model fails. */
export async function condense(
  context: TurnContext,
  exchanges: readonly Exchange[],
  summary: string,
  signal: AbortSignal,
): Promise<string> {
  const runtime = { context: { ...context, memory: { messages: [], summary: "" } }, signal };
  const call = prepare(runtime, {
    prompt: condensing,
    question: transcript(exchanges.flatMap(({ messages }) => [...messages])),
    values: { summary: textOrNone(summary) },
    sampling: "own",
  });
  return await think(call);
}

function transcript(messages: BaseMessage[]): string {
  return messages
    .map((message) => `${HumanMessage.isInstance(message) ? "User" : "Assistant"}: ${message.text}`)
    .join("\n\n");
}
