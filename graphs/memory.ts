import { AIMessage, type BaseMessage, HumanMessage, RemoveMessage, trimMessages } from "@langchain/core/messages";

import { think } from "./ask.ts";
import { prepare } from "./call.ts";
import { textOr } from "./compose.ts";
import type { TurnContext } from "./host.ts";
import { prompt } from "./prompt.ts";
import { cut } from "./text.ts";

const condensing = prompt("summary", ["summary"]);

interface Window {
  messages: number;
  tokens: number;
}

/** Above `full` the oldest turns are condensed until `kept` is left; when that fails, above `most` they are dropped. */
const kept: Window = { messages: 20, tokens: 7_000 };
const full: Window = { messages: 40, tokens: 14_000 };
const most: Window = { messages: 80, tokens: 24_000 };

/** A remembered message is cut to this many UTF-16 units, so that a window always holds the last turn whole. */
const longestMessage = 16_000;

/** Four characters a token: close enough for a budget, and free. */
function tokens(messages: BaseMessage[]): number {
  return messages.reduce((sum, message) => sum + Math.ceil(message.text.length / 4) + 4, 0);
}

/** What the model remembers of a question. Half a surrogate pair would make every later request malformed. */
export function asked(id: string, question: string): HumanMessage {
  return new HumanMessage({ id, content: question.toWellFormed() });
}

/** What the model remembers of an answer. */
export function remembered(id: string, answer: string, facts: { stopped?: boolean } = {}): AIMessage {
  const content = answer.length > longestMessage ? `${cut(answer, longestMessage)} …` : answer;
  return new AIMessage({ id, content: content.toWellFormed(), additional_kwargs: facts });
}

/** Removals that bring the messages below the hard limit. */
export async function dropped(messages: BaseMessage[]): Promise<RemoveMessage[]> {
  return removals(messages, await latest(messages, most));
}

/** A new summary, and the ids of the messages that are in it now. */
export interface Condensed {
  summary: string;
  ids: ReadonlySet<string>;
}

/** When the memory is full, condenses its oldest part. Undefined while there is room; throws when the model fails. */
export async function condense(
  context: TurnContext,
  messages: BaseMessage[],
  summary: string,
  signal: AbortSignal,
): Promise<Condensed | undefined> {
  if (messages.length <= full.messages && tokens(messages) <= full.tokens) return undefined;
  const rest = await latest(messages, kept);
  const old = messages.slice(0, messages.length - rest.length);
  const runtime = { context: { ...context, memory: { messages: [], summary: "" } }, signal };
  const call = prepare(runtime, {
    prompt: condensing,
    question: transcript(old),
    values: { summary: textOr(summary) },
    sampling: "own",
  });
  return { summary: await think(call), ids: new Set(old.flatMap(({ id }) => id ?? [])) };
}

async function latest(messages: BaseMessage[], window: Window): Promise<BaseMessage[]> {
  return await trimMessages(messages.slice(-window.messages), {
    maxTokens: window.tokens,
    tokenCounter: tokens,
    strategy: "last",
    startOn: "human",
  });
}

function removals(messages: BaseMessage[], rest: BaseMessage[]): RemoveMessage[] {
  const dropped = messages.slice(0, messages.length - rest.length);
  return dropped.flatMap(({ id }) => (id ? [new RemoveMessage({ id })] : []));
}

function transcript(messages: BaseMessage[]): string {
  return messages
    .map((message) => `${HumanMessage.isInstance(message) ? "User" : "Assistant"}: ${message.text}`)
    .join("\n\n");
}
