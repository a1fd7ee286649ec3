import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";

import { fenced } from "../fenced.ts";
import type { Memory, TurnContext } from "../host.ts";
import { type Exchange, latest } from "../memory.ts";
import { prompt, promptFile, renderPrompt } from "../prompt.ts";
import { askedMessage, modelOf } from "./asked.ts";

const recalled = prompt("memory", ["summary"]);

/** The messages that a graph is given: the summary, what is remembered, and the question. All have an id, and are nobody else's. */
export async function given(
  context: TurnContext,
  turnId: string,
  question: string,
  own: readonly BaseMessage[] | undefined,
  after: string | undefined,
): Promise<BaseMessage[]> {
  const { host } = context;
  const memory = fitting(context);
  const asked = copy(await askedMessage(context, question, memory.messages), `${turnId}:question`);
  if (own) return [...own, ...since(memory, after), asked];
  const file = memory.summary === "" ? undefined : promptFile(host.prompts, recalled);
  if (!file) return [...since(memory, undefined), asked];
  host.spent({ llm_calls: 0, cost_usd: 0, input_tokens: 0, output_tokens: 0, prompts: { [file.name]: file.hash } });
  const summary = new HumanMessage({ id: "summary", content: renderPrompt(file, { summary: fenced(memory.summary) }) });
  return [summary, ...since(memory, undefined), asked];
}

/**
 * What a graph that has come this far was given. It is not what is remembered now if turns have been summarized since then: by the
 * conversation's other turns, or on another node.
 */
export function givenEarlier(
  reached: readonly BaseMessage[],
  remembered: readonly BaseMessage[],
): readonly BaseMessage[] {
  const known = new Set(remembered.map(({ id }) => id));
  const asked = remembered.at(-1)?.id;
  const own = reached.slice(0, reached.findIndex(({ id }) => id === asked) + 1);
  return own.every(({ id }) => known.has(id)) ? remembered : own;
}

/** How much of a model's room the memory may take: a graph adds its own instructions, tools and results. */
const memoryShare = 0.5;

/** The latest turns, if the model that the turn asks for has no room for all. */
function fitting(context: TurnContext): Memory {
  const { host, memory } = context;
  const { exchanges } = memory;
  if (!exchanges || exchanges.length === 0) return memory;
  const room = modelOf(context).room?.tokens ?? Number.POSITIVE_INFINITY;
  if (room === Number.POSITIVE_INFINITY) return memory;
  const tokens = Math.floor(room * memoryShare);
  host.memoryRoom(tokens);
  return { ...memory, exchanges: latest(exchanges, { turns: exchanges.length, tokens }) };
}

/** The remembered messages of the turns after the named one, or of all. */
function since({ exchanges, messages }: Memory, turnId: string | undefined): BaseMessage[] {
  if (!exchanges) return messages.map((message, index) => copy(message, message.id ?? `memory:${index}`));
  const index = exchanges.findIndex((exchange) => exchange.turnId === turnId);
  return exchanges.slice(index + 1).flatMap(messagesOf);
}

function messagesOf({ turnId, messages: [question, answer], produced }: Exchange): BaseMessage[] {
  const all = produced ? [question, ...produced] : [question, answer];
  return all.map((message, index) => copy(message, `${turnId}:${index}`));
}

/** A graph may change its messages, and several turns get the same ones. */
function copy(message: BaseMessage, id: string): BaseMessage {
  const { content, name, additional_kwargs } = message;
  if (HumanMessage.isInstance(message)) return new HumanMessage({ id, name, content, additional_kwargs });
  if (ToolMessage.isInstance(message)) {
    const { tool_call_id, status, artifact } = message;
    return new ToolMessage({ id, name, content, tool_call_id, status, artifact });
  }
  if (!AIMessage.isInstance(message)) return message;
  const { tool_calls, response_metadata } = message;
  return new AIMessage({ id, name, content, tool_calls, additional_kwargs, response_metadata });
}
