import { AIMessage, type BaseMessage, HumanMessage, type StoredMessage } from "@langchain/core/messages";

import { withNote } from "./attached/note.ts";
import type { FileFacts } from "./files.ts";
import { restored, toolTranscript } from "./stock/stored.ts";
import { cut } from "./text.ts";
import { tokensOf, tokensPerMessage } from "./tokens.ts";

/** A turn as the model remembers it. */
export interface Exchange {
  turnId: string;
  /** The turn's position in the order of acceptance. */
  seq: number;
  messages: readonly [HumanMessage, AIMessage];
  /** What the turn's graph produced after the question, if that is more than one text. */
  produced?: readonly BaseMessage[];
  /** As `tokensOf` estimates them. */
  tokens: number;
}

interface Window {
  turns: number;
  tokens: number;
}

/**
 * A memory above `fullWindow` is condensed down to `keptWindow`. Until the summary is ready, it is cut to `maxWindow`. Models with room for
 * less are sent less: see request-messages.ts.
 */
const keptWindow: Window = { turns: 10, tokens: 7_000 };
const fullWindow: Window = { turns: 20, tokens: 14_000 };
export const maxWindow: Window = { turns: 40, tokens: 24_000 };

/** Shares of the room that the model has for earlier turns, where it is smaller. The next turn still fits whole, usually. */
const fullShare = 0.6;
const keptShare = 0.3;

/** In UTF-16 units: this much text always fills `maxWindow`. */
export const maxWindowUnits = maxWindow.tokens * 4;

/** In UTF-16 units. Remembered answers are cut to this length, so that the last turn always fits. */
export const maxAnswerUnits = 16_000;

/** What of an ended turn is remembered. */
interface Ended {
  query: string;
  attachments?: readonly FileFacts[];
  response: string;
  produced?: readonly StoredMessage[];
}

/** A turn as an exchange; undefined if it has neither an answer nor results of tools. */
export function exchange({
  id,
  seq,
  query,
  attachments,
  response,
  produced,
}: Ended & { id: string; seq: number }): Exchange | undefined {
  const own = produced && restored(produced, response);
  const answer = own ? `${toolTranscript(own)}${response}` : response;
  if (answer.trim() === "") return undefined;
  const messages = [userMessage(withNote(query, attachments)), assistantMessage(answer)] as const;
  const count = (all: readonly BaseMessage[]) =>
    all.reduce((sum, message) => sum + tokensOf(textWithCalls(message)) + tokensPerMessage, 0);
  const [question] = messages;
  const tokens = own ? Math.max(count(messages), count([question, ...own])) : count(messages);
  return { turnId: id, seq, messages, ...(own && { produced: own }), tokens };
}

function textWithCalls(message: BaseMessage): string {
  const hasCalls = AIMessage.isInstance(message) && message.tool_calls?.length;
  return hasCalls ? message.text + JSON.stringify(message.tool_calls) : message.text;
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

/** The oldest exchanges if the memory is too long for a model with so much room for it, otherwise none. */
export function exchangesToCondense(exchanges: readonly Exchange[], room: number): readonly Exchange[] {
  const tokens = exchanges.reduce((sum, { tokens }) => sum + tokens, 0);
  if (exchanges.length <= fullWindow.turns && tokens <= Math.min(fullWindow.tokens, fullShare * room)) return [];
  const kept = { turns: keptWindow.turns, tokens: Math.min(keptWindow.tokens, keptShare * room) };
  const latestCount = Math.max(1, latest(exchanges, kept).length); // the next question is often about the last answer
  return exchanges.slice(0, exchanges.length - latestCount);
}
