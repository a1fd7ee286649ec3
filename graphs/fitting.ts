import type { AIMessage } from "@langchain/core/messages";
import { z } from "zod";

import type { JsonObject } from "./host.ts";
import { isObject, jsonObjects } from "./json.ts";

/** The expected shape of a structured reply: a zod schema and its JSON Schema. */
export interface Shape<Schema extends z.ZodObject> {
  name: string;
  schema: Schema;
  json: JsonObject;
}

export function shape<Schema extends z.ZodObject>(name: string, schema: Schema): Shape<Schema> {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema);
  return { name, schema, json };
}

/** The objects of a reply: arguments of tool calls; otherwise those in its text; if that is blank, in its reasoning. */
export function objectsIn(message: AIMessage): JsonObject[] {
  const calls = [
    ...(message.tool_calls ?? []).map(({ args }) => args),
    ...(message.invalid_tool_calls ?? []).flatMap(({ args }) => jsonObjects(args ?? "")),
  ];
  const text = withoutThinking(message.text);
  const { reasoning_content } = message.additional_kwargs;
  const isOnlyReasoning = text.trim() === "" && typeof reasoning_content === "string";
  return [...jsonObjects(isOnlyReasoning ? reasoning_content : text), ...calls];
}

/** So many objects are checked at most. A reply may have ten thousands. */
const maxCandidates = 50;

/** The last of the objects that fits: a model that thinks aloud gives its result last. */
export function fitting<Schema extends z.ZodObject>(
  objects: readonly JsonObject[],
  expected: Shape<Schema>,
): z.infer<Schema> | undefined {
  let left = maxCandidates;
  for (const object of objects.slice(-maxCandidates).reverse()) {
    for (const candidate of unwrapped(object, expected.name, maxWrappers)) {
      left -= 1;
      if (left < 0) return undefined;
      const value = fitted(candidate, expected);
      if (value) return value;
    }
  }
  return undefined;
}

/** Longer lists are no findings. zod takes long to tell what is wrong with 100,000 elements. */
const maxItems = 1_000;

function fitted<Schema extends z.ZodObject>(value: unknown, { schema, json }: Shape<Schema>) {
  if (isObject(value) && Object.values(value).some((list) => Array.isArray(list) && list.length > maxItems))
    return undefined;
  const exact = schema.safeParse(value);
  if (exact.success) return exact.data;
  const mended = schema.safeParse(mend(value, json));
  return mended.success ? mended.data : undefined;
}

const maxWrappers = 5;

/** Where models put the arguments when they write a tool call as text. */
const wrappers = ["arguments", "parameters", "args", "input", "function", "tool_calls"];

/** The value, and what is wrapped in it: in a tool call, in a key with the shape's name, in its only key, as text once more. */
function* unwrapped(value: unknown, name: string, left: number): Generator<unknown> {
  yield value;
  if (left === 0) return;
  if (typeof value === "string") for (const inner of jsonObjects(value)) yield* unwrapped(inner, name, left - 1);
  if (Array.isArray(value)) return void (yield* unwrapped(value.at(-1), name, left - 1));
  if (!isObject(value)) return;
  const keys = Object.keys(value);
  for (const key of keys.length === 1 ? keys : [name, ...wrappers]) {
    if (Object.hasOwn(value, key)) yield* unwrapped(value[key], name, left - 1);
  }
}

/** Null becomes an empty list or text, and a number in quotes a number, where the schema wants that. */
function mend(value: unknown, schema: unknown): unknown {
  if (!isObject(schema)) return value;
  const { type, properties, items } = schema;
  if (value === null && type === "array") return [];
  if (value === null && type === "string" && !schema.enum) return "";
  const isNumeric = type === "number" || type === "integer";
  if (isNumeric && typeof value === "string" && value.trim() !== "") return Number(value);
  if (Array.isArray(value) && items) return value.map((item) => mend(item, items));
  if (!isObject(value) || !isObject(properties)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      Object.hasOwn(properties, key) ? mend(inner, properties[key]) : inner,
    ]),
  );
}

/** What a model thinks aloud in `<think>` never counts. Some chat templates open it in the prompt, so that the reply has its end alone. */
function withoutThinking(text: string): string {
  const parts: string[] = [];
  let from: number | undefined = 0;
  for (const { 0: tag, index } of text.matchAll(/<\/?think>/g)) {
    if (tag === "<think>") {
      if (from !== undefined) parts.push(text.slice(from, index));
      from = undefined;
    } else {
      if (from !== undefined) parts.length = 0;
      from = index + tag.length;
    }
  }
  if (from !== undefined) parts.push(text.slice(from));
  return parts.join("");
}
