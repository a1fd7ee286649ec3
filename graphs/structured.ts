import type { AIMessage } from "@langchain/core/messages";
import { SystemMessage } from "@langchain/core/messages";
import { z } from "zod";

import { collect } from "./ask.ts";
import { type Call, spend, withFallbacks } from "./call.ts";
import type { Dialect } from "./dialects.ts";
import { ModelFailure } from "./failure.ts";
import type { ChatModel } from "./host.ts";
import { prompt, promptFile, renderPrompt } from "./prompt.ts";
import { jsonObjects } from "./text.ts";

const asText = prompt("structured", ["schema"]);

/** The expected shape of a structured reply: a zod schema and its JSON Schema. */
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
 * Asks for a reply of this shape: by JSON schema; if the server rejects that, by function calling; if it rejects that too, as text. If the
 * reply does not match, asks once more as text, and returns undefined if that does not match either. Remembers what worked.
 */
export async function structured<Schema extends z.ZodObject>(
  call: Call,
  expected: Shape<Schema>,
): Promise<z.infer<Schema> | undefined> {
  return await withFallbacks(call, async (model) => {
    const { dialects } = call.host;
    const first = await reply(call, model, expected, dialects.of(model.name));
    const value = parse(first.message, expected);
    if (value) {
      dialects.understood(model.name, first.dialect);
      return value;
    }
    const second = await reply(call, model, expected, "text");
    const found = parse(second.message, expected);
    if (found && !hasJson(first.message)) dialects.ignored(model.name);
    return found;
  });
}

/** The reply, and the dialect that the server accepted. */
async function reply(
  call: Call,
  model: ChatModel,
  expected: Shape<z.ZodObject>,
  dialect: Dialect,
): Promise<{ message: AIMessage; dialect: Dialect }> {
  try {
    return { message: await collect(call, model, requestFor(call, expected, dialect)), dialect };
  } catch (error) {
    const isRefused = error instanceof ModelFailure && error.unsupported;
    if (!isRefused || dialect === "text") throw error;
    return await reply(call, model, expected, dialect === "json_schema" ? "tool" : "text");
  }
}

function requestFor(call: Call, { name, json }: Shape<z.ZodObject>, dialect: Dialect): Parameters<typeof collect>[2] {
  switch (dialect) {
    case "json_schema":
      return { response_format: { type: "json_schema", json_schema: { name, schema: json, strict: true } } };
    case "tool":
      return {
        tools: [{ type: "function", function: { name, parameters: json, strict: true } }],
        tool_choice: { type: "function", function: { name } },
      };
    case "text": {
      const file = promptFile(call.host.prompts, asText);
      spend(call, { prompts: { [file.name]: file.hash } });
      const [system, ...rest] = call.messages;
      const wanted = renderPrompt(file, { schema: JSON.stringify(json) });
      return { messages: [new SystemMessage(`${system?.text}\n\n${wanted}`), ...rest] };
    }
    default:
      return dialect satisfies never;
  }
}

/** The first JSON object of the reply that matches, in a tool call or in the text. */
function parse<Schema extends z.ZodObject>(message: AIMessage, { schema }: Shape<Schema>) {
  for (const candidate of [...(message.tool_calls ?? []).map(({ args }) => args), ...jsonObjects(message.text)]) {
    const parsed = schema.safeParse(candidate);
    if (parsed.success) return parsed.data;
  }
  return undefined;
}

function hasJson(message: AIMessage): boolean {
  return (message.tool_calls?.length ?? 0) > 0 || !jsonObjects(message.text).next().done;
}
