import type { BaseLanguageModelInput } from "@langchain/core/language_models/base";
import { AIMessage, coerceMessageLikeToMessage } from "@langchain/core/messages";
import { type Runnable, type RunnableConfig, RunnableLambda } from "@langchain/core/runnables";
import { toJsonSchema } from "@langchain/core/utils/json_schema";
import { z } from "zod";

import { ModelFailure } from "../failure.ts";
import type { JsonObject, Sampling } from "../host.ts";
import { shape, structured } from "../structured.ts";
import { callInTurn, unannounced } from "./ask.ts";

export interface StructuredOptions {
  name?: string;
  includeRaw?: boolean;
}

/** `withStructuredOutput` of `model()`. */
export function structuredModel(
  settings: Sampling,
  schema: unknown,
  { name = "extract", includeRaw = false }: StructuredOptions = {},
): Runnable<BaseLanguageModelInput, JsonObject> {
  const expected = shape(name, objectSchema(schema));
  return RunnableLambda.from(async (input: BaseLanguageModelInput, config: RunnableConfig) => {
    const call = callInTurn(settings, messagesOf(input), config.signal);
    const parsed = await unannounced(() => structured(call, expected));
    if (!parsed && !includeRaw) throw new ModelFailure("model_unavailable", "No reply of the model fits the schema.");
    return includeRaw
      ? { raw: new AIMessage(JSON.stringify(parsed ?? {})), parsed: parsed ?? null }
      : (parsed as JsonObject);
  });
}

/** Any schema that LangChain takes, as one of zod. */
function objectSchema(schema: unknown): z.ZodObject {
  if (schema instanceof z.ZodObject) return schema;
  const json = toJsonSchema(schema as Parameters<typeof toJsonSchema>[0]);
  const converted = z.fromJSONSchema(json as Parameters<typeof z.fromJSONSchema>[0]);
  if (converted instanceof z.ZodObject) return converted;
  throw new Error("model().withStructuredOutput takes the schema of an object.");
}

function messagesOf(input: BaseLanguageModelInput) {
  if (typeof input === "string") return [coerceMessageLikeToMessage(input)];
  return Array.isArray(input) ? input.map(coerceMessageLikeToMessage) : input.toChatMessages();
}
