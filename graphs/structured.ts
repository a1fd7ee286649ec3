import type { AIMessageChunk } from "@langchain/core/messages";
import { SystemMessage } from "@langchain/core/messages";
import { z } from "zod";

import { type Call, collect, firstThatAnswers } from "./ask.ts";
import { ModelFailure } from "./failure.ts";
import { type ChatModel, type Dialect, type TurnRuntime, turn } from "./host.ts";
import { prompt, promptFile, renderPrompt } from "./prompt.ts";

const asText = prompt("structured", ["schema"]);

const dialects: readonly Dialect[] = ["json_schema", "tool", "text"];

/** What a structured reply must look like: a zod schema with its JSON Schema, built once. */
export interface Shape<Schema extends z.ZodObject> {
  name: string;
  schema: Schema;
  json: Record<string, unknown>;
}

export function shape<Schema extends z.ZodObject>(name: string, schema: Schema): Shape<Schema> {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema);
  return { name, schema, json };
}

/**
 * Asks for a reply of this shape. A server without `json_schema` is asked by function calling, then for JSON as text.
 * A reply that does not fit is asked for once more; undefined when that does not fit either.
 */
export async function structured<Schema extends z.ZodObject>(
  runtime: TurnRuntime,
  call: Call,
  expected: Shape<Schema>,
): Promise<z.infer<Schema> | undefined> {
  return await firstThatAnswers(call.models, async (model) => {
    const first = await reply(runtime, call, model, expected);
    const value = parseReply(first.message, expected);
    if (value) return value;
    const second = await reply(runtime, call, model, expected, weaker(first.dialect));
    return parseReply(second.message, expected);
  });
}

async function reply(
  runtime: TurnRuntime,
  call: Call,
  model: ChatModel,
  expected: Shape<z.ZodObject>,
  dialect: Dialect = turn(runtime).host.dialects.get(model.name) ?? "json_schema",
): Promise<{ message: AIMessageChunk; dialect: Dialect }> {
  try {
    return { message: await collect(runtime, call, model, request(runtime, call, expected, dialect)), dialect };
  } catch (error) {
    if (!(error instanceof ModelFailure && error.unsupported) || dialect === "text") throw error;
    const next = weaker(dialect);
    const answered = await reply(runtime, call, model, expected, next);
    turn(runtime).host.dialects.set(model.name, answered.dialect);
    return answered;
  }
}

function weaker(dialect: Dialect): Dialect {
  return dialects[dialects.indexOf(dialect) + 1] ?? "text";
}

function request(
  runtime: TurnRuntime,
  call: Call,
  { name, json }: Shape<z.ZodObject>,
  dialect: Dialect,
): Parameters<typeof collect>[3] {
  switch (dialect) {
    case "json_schema":
      return { response_format: { type: "json_schema", json_schema: { name, schema: json, strict: true } } };
    case "tool":
      return {
        tools: [{ type: "function", function: { name, parameters: json, strict: true } }],
        tool_choice: { type: "function", function: { name } },
      };
    case "text": {
      const file = promptFile(turn(runtime).host.prompts, asText);
      call.spending.prompts[file.name] = file.hash;
      const [system, ...rest] = call.messages;
      const wanted = renderPrompt(file, { schema: JSON.stringify(json) });
      return { messages: [new SystemMessage(`${system?.text}\n\n${wanted}`), ...rest] };
    }
    default:
      return dialect satisfies never;
  }
}

function parseReply<Schema extends z.ZodObject>(message: AIMessageChunk, expected: Shape<Schema>) {
  const tool = message.tool_calls?.[0]?.args;
  const parsed = expected.schema.safeParse(tool ?? jsonIn(message.text));
  return parsed.success ? parsed.data : undefined;
}

/** The JSON object in a text that may have a fence or words around it; undefined when there is none. */
function jsonIn(text: string): unknown {
  const object = text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1);
  try {
    return JSON.parse(object);
  } catch {
    return undefined;
  }
}
