import { BaseMessage } from "@langchain/core/messages";

/** Longest string, in UTF-16 units. */
const maxTextUnits = 2_000;

/** Of lists and objects. */
const maxEntries = 50;

const maxDepth = 8;

/** Of the whole preview as JSON, in UTF-16 units. */
const maxPreviewUnits = 16_384;

/** A shortened copy of a value, for display. Messages become role and content. */
export function preview(value: unknown): unknown {
  const shown = shorten(value, 0);
  const text = JSON.stringify(shown) ?? "null";
  return text.length <= maxPreviewUnits ? shown : `${text.slice(0, maxPreviewUnits).toWellFormed()} …`;
}

function shorten(value: unknown, depth: number): unknown {
  if (typeof value === "string") return cut(value);
  if (typeof value !== "object" || value === null) return typeof value === "bigint" ? String(value) : (value ?? null);
  if (depth === maxDepth) return "…";
  if (BaseMessage.isInstance(value)) return { role: value.type, content: cut(value.text) };
  if (Array.isArray(value)) {
    const entries = value.slice(0, maxEntries).map((entry) => shorten(entry, depth + 1));
    return value.length > maxEntries ? [...entries, `… ${value.length - maxEntries} more`] : entries;
  }
  const entries = Object.entries(value).slice(0, maxEntries);
  return Object.fromEntries(entries.map(([key, entry]) => [key, shorten(entry, depth + 1)]));
}

function cut(text: string): string {
  return text.length > maxTextUnits ? `${text.slice(0, maxTextUnits).toWellFormed()} …` : text.toWellFormed();
}
