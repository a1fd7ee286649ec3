import type { z } from "zod";

import { type Call, spend, withFallbacks } from "./call.ts";
import type { ChatModel, ModelCallOptions } from "./chat-model.ts";
import type { Dialect, Dialects } from "./dialects.ts";
import { ModelFailure } from "./failure.ts";
import type { Shape } from "./fitting.ts";
import { objectReply } from "./object-reply.ts";
import { prompt, promptFile, renderPrompt } from "./prompt.ts";

export { type Shape, shape } from "./fitting.ts";

const asText = prompt("structured", ["schema"]);

/**
 * Asks for a reply of this shape: by JSON schema, by function calling, or as text. The next dialect is tried on any failure that a plain
 * request might have survived. If a reply has nothing that fits, asks once more as text, and returns undefined if that does not fit either.
 * Remembers what worked.
 */
export async function structured<Schema extends z.ZodObject>(
  call: Call,
  expected: Shape<Schema>,
): Promise<z.infer<Schema> | undefined> {
  return await withFallbacks(call, (model) => ask(call, model, expected));
}

/** A dialect in which no usable reply came. */
interface Trouble {
  dialect: Dialect;
  kind: "refused" | "failed" | "no json" | "no fit";
  times: number;
  /** The server said that the dialect was the reason. */
  isNamed?: boolean;
}

async function ask<Schema extends z.ZodObject>(
  call: Call,
  model: ChatModel,
  expected: Shape<Schema>,
): Promise<z.infer<Schema> | undefined> {
  const { dialects } = call.host;
  const troubles: Trouble[] = [];
  let left = dialects.of(model.name);
  for (let dialect = left[0]; dialect; dialect = left[0]) {
    const before = call.spending.llm_calls;
    const reply = await objectReply(call, model, expected, requestFor(call, expected, dialect));
    const times = call.spending.llm_calls - before;
    if (reply instanceof ModelFailure) {
      if (dialect === "text") throw reply;
      troubles.push({ dialect, kind: reply.unsupported ? "refused" : "failed", times, isNamed: reply.namesForm });
      left = reply.code === "model_timeout" ? ["text"] : left.slice(1);
    } else if (reply.value) {
      learn(dialects, model.name, dialect, reply.adapted ? troubles.filter(({ isNamed }) => isNamed) : troubles);
      return reply.value;
    } else {
      if (troubles.some(({ kind }) => kind === "no json" || kind === "no fit")) return undefined;
      troubles.push({ dialect, kind: reply.hasJson ? "no fit" : "no json", times: 1 });
      left = ["text"];
    }
  }
  return undefined;
}

/** What was changed for the last reply may be what the others lacked, unless the server said otherwise. JSON of another shape is the model's mistake, and says nothing of the dialect. */
function learn(dialects: Dialects, model: string, understood: Dialect, troubles: Trouble[]): void {
  for (const { dialect, kind, times } of troubles) {
    if (dialect === understood) continue;
    if (kind === "refused") dialects.refused(model, dialect);
    else if (kind !== "no fit") dialects.failed(model, dialect, times);
  }
  dialects.understood(model, understood);
}

function requestFor(
  call: Call,
  { name, json }: Shape<z.ZodObject>,
  dialect: Dialect,
): ModelCallOptions & { addition?: string } {
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
      return { addition: renderPrompt(file, { schema: JSON.stringify(json) }) };
    }
    default:
      return dialect satisfies never;
  }
}
