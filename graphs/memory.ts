import { AIMessage, type BaseMessage, HumanMessage } from "@langchain/core/messages";

import { think } from "./ask.ts";
import { prepare } from "./call.ts";
import { textOr } from "./compose.ts";
import type { TurnContext } from "./host.ts";
import { prompt } from "./prompt.ts";
import { cut } from "./text.ts";

const condensing = prompt("summary", ["summary"]);

/** A turn as the model remembers it. Made once and kept, for a conversation's texts are not read again for each turn. */
export interface Exchange {
  turnId: string;
  /** The turn's place in the order of acceptance. */
  seq: number;
  messages: readonly [HumanMessage, AIMessage];
  /** Four characters a token: close enough for a budget, and free. */
  tokens: number;
}

interface Window {
  turns: number;
  tokens: number;
}

/** Above `full` the oldest turns are condensed until `kept` is left. While that is not done, the memory never exceeds `most`. */
const kept: Window = { turns: 10, tokens: 7_000 };
const full: Window = { turns: 20, tokens: 14_000 };
export const most: Window = { turns: 40, tokens: 24_000 };

/** Texts of so many UTF-16 units fill the widest window for certain. */
export const mostUnits = most.tokens * 4;

/** A remembered answer is cut to this many UTF-16 units, so that a window always holds the last turn whole. */
export const longestAnswer = 16_000;

/** Undefined for a turn that said nothing: its question is not remembered either. */
export function exchange(turn: { id: string; seq: number; query: string; response: string }): Exchange | undefined {
  if (turn.response.trim() === "") return undefined;
  const messages = [question(turn.query), answer(turn.response)] as const;
  const tokens = messages.reduce((sum, { content }) => sum + Math.ceil(content.length / 4) + 4, 0);
  return { turnId: turn.id, seq: turn.seq, messages, tokens };
}

/** A question as the model is told it. Half a surrogate pair would make every later request malformed. */
export function question(text: string): HumanMessage {
  return new HumanMessage({ content: text.toWellFormed() });
}

export function answer(text: string, id?: string): AIMessage {
  const content = text.length > longestAnswer ? `${cut(text, longestAnswer)} …` : text;
  return new AIMessage({ id, content: content.toWellFormed() });
}

/** The newest turns that fit into a window, oldest first. */
export function latest(exchanges: readonly Exchange[], window: Window): readonly Exchange[] {
  let room = window.tokens;
  let first = exchanges.length;
  while (first > 0 && exchanges.length - first < window.turns) {
    room -= exchanges[first - 1]?.tokens ?? 0;
    if (room < 0) break;
    first -= 1;
  }
  return first === 0 ? exchanges : exchanges.slice(first);
}

/** The turns to condense; none while there is room. */
export function oldest(exchanges: readonly Exchange[]): readonly Exchange[] {
  const tokens = exchanges.reduce((sum, { tokens }) => sum + tokens, 0);
  if (exchanges.length <= full.turns && tokens <= full.tokens) return [];
  return exchanges.slice(0, exchanges.length - latest(exchanges, kept).length);
}

/** A summary of these turns and of the summary before them. Throws when the model fails. */
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
    values: { summary: textOr(summary) },
    sampling: "own",
  });
  return await think(call);
}

function transcript(messages: BaseMessage[]): string {
  return messages
    .map((message) => `${HumanMessage.isInstance(message) ? "User" : "Assistant"}: ${message.text}`)
    .join("\n\n");
}
