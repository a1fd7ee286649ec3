import type { JsonObject } from "./host.ts";
import { ObjectScanner } from "./object-scanner.ts";

/**
 * The whole objects in a text, in order, in linear time. Reads JSON as models write it: in fences or prose, with trailing commas, raw line
 * feeds, single quotes, bare keys, unescaped quotes, and Python's literals. An object that was cut is none, but whole ones inside of it count.
 */
export function jsonObjects(text: string): JsonObject[] {
  const value = parsedJson(text);
  if (typeof value === "string") return new ObjectScanner(value).objects();
  return isObject(value) ? [value] : new ObjectScanner(text).objects();
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Undefined if the text is no JSON. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
