import { BaseMessage } from "@langchain/core/messages";

/** What is shown of a value: strings are cut at so many UTF-16 units, lists at so many entries, the whole at so many units of JSON. */
const longestText = 2_000;
const mostEntries = 50;
const longestPreview = 16_384;
const deepest = 8;

/** A value as JSON that is small enough to be looked at; messages as role and content. */
export function preview(value: unknown): unknown {
  const shown = shorten(value, 0);
  const text = JSON.stringify(shown) ?? "null";
  return text.length <= longestPreview ? shown : `${text.slice(0, longestPreview).toWellFormed()} …`;
}

function shorten(value: unknown, depth: number): unknown {
  if (typeof value === "string") return cut(value);
  if (typeof value !== "object" || value === null) return typeof value === "bigint" ? String(value) : (value ?? null);
  if (depth === deepest) return "…";
  if (BaseMessage.isInstance(value)) return { role: value.type, content: cut(value.text) };
  if (Array.isArray(value)) {
    const entries = value.slice(0, mostEntries).map((entry) => shorten(entry, depth + 1));
    return value.length > mostEntries ? [...entries, `… ${value.length - mostEntries} more`] : entries;
  }
  const entries = Object.entries(value).slice(0, mostEntries);
  return Object.fromEntries(entries.map(([key, entry]) => [key, shorten(entry, depth + 1)]));
}

function cut(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText).toWellFormed()} …` : text.toWellFormed();
}
