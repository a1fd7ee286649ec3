import {
  AIMessage,
  type BaseMessage,
  mapStoredMessagesToChatMessages,
  type StoredMessage,
  ToolMessage,
} from "@langchain/core/messages";

import { cut, oneLine } from "../text.ts";

/** In UTF-16 units. How much of a tool's input or result engines see that remember it as text. */
const maxQuoteUnits = 1_000;

/** In UTF-16 units. Longer results are cut when they are remembered. */
const maxResultUnits = 16_000;

/** The messages of an ended turn, so that a model takes them: no call without its result, no result without its call, an answer at the end. */
export function restored(stored: readonly StoredMessage[], response: string): readonly BaseMessage[] {
  const whole = paired(mapStoredMessagesToChatMessages([...stored])).map(shortened);
  const last = whole.at(-1);
  const isAnswered = last !== undefined && AIMessage.isInstance(last) && !last.tool_calls?.length;
  return isAnswered || response.trim() === "" ? whole : [...whole, new AIMessage(response.toWellFormed())];
}

/** Without calls that have no result, and results that have no call. */
export function paired(messages: readonly BaseMessage[]): BaseMessage[] {
  const answered = new Set(
    messages.flatMap((message) => (ToolMessage.isInstance(message) ? message.tool_call_id : [])),
  );
  const called = new Set<string>();
  return messages.flatMap((message) => {
    if (ToolMessage.isInstance(message)) return called.has(message.tool_call_id) ? message : [];
    if (!AIMessage.isInstance(message)) return message;
    const calls = message.tool_calls ?? [];
    const isComplete = calls.every(({ id }) => id !== undefined && answered.has(id));
    if (!isComplete) return message.text.trim() === "" ? [] : new AIMessage({ id: message.id, content: message.text });
    for (const { id } of calls) if (id !== undefined) called.add(id);
    return message;
  });
}

function shortened(message: BaseMessage): BaseMessage {
  if (!ToolMessage.isInstance(message) || typeof message.content !== "string") return message;
  if (message.content.length <= maxResultUnits) return message;
  const { id, name, tool_call_id, status } = message;
  return new ToolMessage({ id, name, tool_call_id, status, content: `${cut(message.content, maxResultUnits)} …` });
}

/** Calls and results as text, a line each; empty if there are none. */
export function toolTranscript(messages: readonly BaseMessage[]): string {
  const results = new Map(
    messages.flatMap((message) => (ToolMessage.isInstance(message) ? [[message.tool_call_id, message.text]] : [])),
  );
  const lines = messages.flatMap((message) => {
    if (!AIMessage.isInstance(message)) return [];
    return (message.tool_calls ?? []).map(({ id = "", name, args }) => {
      const result = oneLine(results.get(id) ?? "", maxQuoteUnits);
      return `[${name}(${cut(JSON.stringify(args), maxQuoteUnits)}) → ${result}]\n`;
    });
  });
  return lines.length > 0 ? `${lines.join("")}\n` : "";
}
