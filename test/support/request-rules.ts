import type { ApiError } from "./model-replies.ts";
import { type ChatMessage, type ModelRequest, textOf } from "./model-request.ts";
import type { JsonSchema } from "./schema-filler.ts";

/** The requests that OpenAI would answer with 400, as far as this project could send them. */
export function refuseRequest({ body, messages, responseFormat }: ModelRequest): ApiError | undefined {
  if (!body.model) return invalid("you must provide a model parameter", null);
  if (messages.length === 0) return invalid("Invalid 'messages': empty array.", "messages", "empty_array");
  for (const [index, message] of messages.entries()) {
    const wrong = refuseMessage(message, messages[index - 1]);
    if (wrong) return invalid(`Invalid 'messages[${index}]': ${wrong}.`, `messages.[${index}]`, "invalid_value");
  }
  const limits = { temperature: [0, 2], top_p: [0, 1], max_tokens: [1, 1e6], max_completion_tokens: [1, 1e6] };
  for (const [name, [least = 0, most = 0]] of Object.entries(limits)) {
    const value = body[name] ?? least;
    const fits = typeof value === "number" && value >= least && value <= most;
    if (!fits) return invalid(`Invalid '${name}': expected a number from ${least} to ${most}.`, name, "invalid_value");
  }
  const isReasoning = /^(o\d|gpt-5(?!\.))/.test(body.model) && !body.model.includes("chat");
  if (isReasoning && body.max_tokens !== undefined) {
    const hint = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'.";
    return invalid(hint, "max_tokens", "unsupported_parameter");
  }
  const fixed = ["temperature", "top_p"].find((name) => isReasoning && (body[name] ?? 1) !== 1);
  if (fixed) {
    const hint = `Unsupported value: '${fixed}' does not support ${body[fixed]} with this model. Only the default (1) value is supported.`;
    return invalid(hint, fixed, "unsupported_value");
  }
  if (body.stream_options && body.stream !== true) {
    return invalid("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options");
  }
  if (responseFormat?.type === "json_object" && !/json/i.test(messages.map(textOf).join(" "))) {
    const hint =
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
    return invalid(hint, "messages");
  }
  return refuseSchemas({ responseFormat, tools: body.tools });
}

function refuseMessage(message: ChatMessage, before: ChatMessage | undefined): string | undefined {
  const roles = ["system", "developer", "user", "assistant", "tool"];
  if (!roles.includes(message.role)) return `unknown role '${message.role}'`;
  const hasContent = typeof message.content === "string" || Array.isArray(message.content);
  if (!hasContent && !message.tool_calls) return "expected a string or an array as content";
  const answersCall = before?.role === "tool" || before?.tool_calls !== undefined;
  if (message.role === "tool" && !answersCall)
    return "messages with role 'tool' must follow a message with 'tool_calls'";
  if (before?.tool_calls && message.role !== "tool") return "'tool_calls' must be followed by tool messages";
  return undefined;
}

function refuseSchemas({
  responseFormat,
  tools,
}: Pick<ModelRequest, "responseFormat"> & { tools: ModelRequest["tools"] | undefined }) {
  const format = responseFormat?.json_schema;
  if (responseFormat?.type === "json_schema") {
    if (!format?.name)
      return invalid("Missing required parameter: 'response_format.json_schema.name'.", "response_format");
    if (!/^[\w-]{1,64}$/.test(format.name))
      return invalid("Invalid 'response_format.json_schema.name'.", "response_format");
    const wrong = format.strict && format.schema ? notStrict(format.schema, []) : undefined;
    if (wrong) return invalid(`Invalid schema for response_format '${format.name}': ${wrong}`, "response_format");
  }
  for (const { function: fn } of tools ?? []) {
    const wrong = fn.strict && fn.parameters ? notStrict(fn.parameters, []) : undefined;
    if (wrong)
      return invalid(`Invalid schema for function '${fn.name}': ${wrong}`, "tools", "invalid_function_parameters");
  }
  return undefined;
}

const keywordsRefused = ["oneOf", "allOf", "not", "if", "propertyNames", "patternProperties", "uniqueItems", "default"];

/** The first violation of OpenAI's strict mode in a schema. */
function notStrict(schema: JsonSchema, path: string[]): string | undefined {
  const place = `In context=(${path.map((step) => `'${step}'`).join(", ")})`;
  const keyword = keywordsRefused.find((name) => name in schema);
  if (keyword) return `${place}, '${keyword}' is not permitted.`;
  if (schema.type === "object" || schema.properties) {
    if (schema.additionalProperties !== false)
      return `${place}, 'additionalProperties' is required to be supplied and to be false.`;
    const missing = Object.keys(schema.properties ?? {}).find((key) => !schema.required?.includes(key));
    if (missing) {
      return `${place}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
    }
  }
  if (path.length === 0 && schema.type !== "object")
    return `schema must be a JSON Schema of 'type: "object"', got '${schema.type}'.`;
  return inside(schema, path);
}

function inside(schema: JsonSchema, path: string[]): string | undefined {
  const parts: [string[], JsonSchema][] = [];
  for (const [key, property] of Object.entries(schema.properties ?? {})) parts.push([["properties", key], property]);
  for (const [key, part] of Object.entries(schema.$defs ?? {})) parts.push([["$defs", key], part]);
  for (const [index, part] of (schema.anyOf ?? []).entries()) parts.push([["anyOf", String(index)], part]);
  if (schema.items) parts.push([["items"], schema.items]);
  for (const [steps, part] of parts) {
    const wrong = notStrict(part, [...path, ...steps]);
    if (wrong) return wrong;
  }
  return undefined;
}

function invalid(message: string, param: string | null, code: string | null = null): ApiError {
  return { message, type: "invalid_request_error", param, code };
}
