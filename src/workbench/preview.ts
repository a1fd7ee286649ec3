import { AIMessage, BaseMessage, ToolMessage } from "@langchain/core/messages";
import { isCommand } from "@langchain/langgraph";

/** Longest string, in UTF-16 units. */
const maxTextUnits = 2_000;

/** Of lists and objects. */
const maxEntries = 50;

const maxDepth = 10;

/** Of the whole preview as JSON, in UTF-16 units. */
const maxPreviewUnits = 16_384;

/** A shortened copy of a value, for display. Messages become role and content, with their tool calls. */
export function preview(value: unknown): unknown {
  const shown = shorten(value, 0);
  const text = JSON.stringify(shown) ?? "null";
  return text.length <= maxPreviewUnits ? shown : `${text.slice(0, maxPreviewUnits).toWellFormed()} …`;
}

function shorten(value: unknown, depth: number): unknown {
  if (typeof value === "string") return cut(value);
  if (typeof value !== "object" || value === null) return typeof value === "bigint" ? String(value) : (value ?? null);
  if (depth === maxDepth) return "…";
  if (BaseMessage.isInstance(value)) return messageOf(value, depth);
  if (isCommand(value)) return shorten(toldOf(value), depth);
  if (Array.isArray(value)) {
    const entries = value.slice(0, maxEntries).map((entry) => shorten(entry, depth + 1));
    return value.length > maxEntries ? [...entries, `… ${value.length - maxEntries} more`] : entries;
  }
  const entries = Object.entries(value).slice(0, maxEntries);
  return Object.fromEntries(entries.map(([key, entry]) => [key, shorten(entry, depth + 1)]));
}

/** What a command to the graph says. */
function toldOf({ update, goto, graph, resume }: CommandFields): object {
  const says = Object.entries({ update, goto, graph, resume });
  return Object.fromEntries(says.filter(([, value]) => value != null && !(Array.isArray(value) && value.length === 0)));
}

interface CommandFields {
  update?: unknown;
  goto?: unknown;
  graph?: unknown;
  resume?: unknown;
}

function messageOf(message: BaseMessage, depth: number) {
  const shown = { role: message.type, content: cut(message.text) };
  if (ToolMessage.isInstance(message)) return { ...shown, name: message.name, tool_call_id: message.tool_call_id };
  if (!AIMessage.isInstance(message) || !message.tool_calls?.length) return shown;
  const calls = message.tool_calls.map(({ id, name, args }) => ({ id, name, args }));
  return { ...shown, tool_calls: shorten(calls, depth + 1) };
}

function cut(text: string): string {
  return text.length > maxTextUnits ? `${text.slice(0, maxTextUnits).toWellFormed()} …` : text.toWellFormed();
}
