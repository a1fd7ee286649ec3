import { AIMessage, type BaseMessage, ToolMessage } from "@langchain/core/messages";
import type { LLMResult } from "@langchain/core/outputs";
import type { Attributes } from "@opentelemetry/api";

import { cut } from "../../../graphs/text.ts";
import { names } from "./names.ts";

/** In UTF-16 units. What one text in a span may have. */
const maxUnits = 16_384;

type Part =
  | { type: "text"; content: string }
  | { type: "tool_call"; id?: string; name: string; arguments: unknown }
  | { type: "tool_call_response"; id: string; response: string }
  /** A file, whose bytes stay out. */
  | { type: "blob"; modality: string };

/** The messages of a request, in the conventions' form. Earlier instructions are not messages there. */
export function inputOf(messages: readonly BaseMessage[]): Attributes {
  const instructions = messages.filter((message) => message.type === "system").flatMap(partsOf);
  const others = messages
    .filter((message) => message.type !== "system")
    .map((message) => ({ role: roleOf(message), parts: partsOf(message) }));
  return {
    ...(instructions.length > 0 && { [names.systemInstructions]: JSON.stringify(instructions) }),
    [names.inputMessages]: JSON.stringify(others),
  };
}

export function outputOf({ generations }: LLMResult): Attributes {
  const first = generations[0]?.[0];
  if (!first || !("message" in first)) return {};
  const message = first.message as BaseMessage; // a chat model's generation
  const { finish_reason = "stop" }: Record<string, unknown> = message.response_metadata;
  return { [names.outputMessages]: JSON.stringify([{ role: "assistant", parts: partsOf(message), finish_reason }]) };
}

/** LangChain gives a tool's input as JSON, or as a text. */
export function argumentsOf(input: string): Attributes {
  return { [names.toolArguments]: cut(input, maxUnits) };
}

export function resultOf(output: unknown): Attributes {
  const result = ToolMessage.isInstance(output) ? output.text : output;
  const text = typeof result === "string" ? result : (JSON.stringify(result) ?? "");
  return { [names.toolResult]: cut(text, maxUnits) };
}

function roleOf({ type }: BaseMessage): string {
  if (type === "human") return "user";
  return type === "ai" ? "assistant" : type;
}

function partsOf(message: BaseMessage): Part[] {
  if (ToolMessage.isInstance(message))
    return [{ type: "tool_call_response", id: message.tool_call_id, response: cut(message.text, maxUnits) }];
  const text = cut(message.text, maxUnits);
  const blocks = typeof message.content === "string" ? [] : message.content;
  const files = blocks.flatMap(({ type }): Part[] =>
    type.includes("image") ? [{ type: "blob", modality: "image" }] : [],
  );
  const calls = AIMessage.isInstance(message) ? (message.tool_calls ?? []) : [];
  return [
    ...(text === "" ? [] : [{ type: "text" as const, content: text }]),
    ...files,
    ...calls.map(({ id, name, args }): Part => ({ type: "tool_call", ...(id && { id }), name, arguments: args })),
  ];
}
