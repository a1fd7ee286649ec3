import type { IncomingHttpHeaders } from "node:http";

import type { JsonSchema } from "./schema-filler.ts";

export interface ChatMessage {
  role: string;
  content?: string | { type: string; text?: string }[] | null;
  tool_calls?: { id: string; type: string; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
}

export interface ChatTool {
  type: string;
  function: { name: string; description?: string; parameters?: JsonSchema; strict?: boolean };
}

export interface ResponseFormat {
  type: string;
  json_schema?: { name: string; schema?: JsonSchema; strict?: boolean };
}

/** The body of a chat completion request, as received. */
export interface ChatBody {
  model: string;
  messages: ChatMessage[];
  stream?: boolean;
  stream_options?: { include_usage?: boolean };
  response_format?: ResponseFormat;
  tools?: ChatTool[];
  tool_choice?: string | { type: string; function: { name: string } };
  [other: string]: unknown;
}

/** One request, as scripts and tests see it. */
export interface ModelRequest {
  /** 0 for the first one that this server received. */
  index: number;
  body: ChatBody;
  rawBody: string;
  headers: IncomingHttpHeaders;
  model: string;
  stream: boolean;
  messages: ChatMessage[];
  /** All system and developer messages, joined. */
  system: string;
  /** The text of the last user message. */
  user: string;
  responseFormat: ResponseFormat | undefined;
  tools: ChatTool[];
  /** The function that the model must call, or the first one if it may choose. */
  tool: ChatTool | undefined;
  /** How the answer must be JSON: in the text, or as a tool's arguments. */
  structured: boolean;
  schema: JsonSchema | undefined;
  /** `performance.now()` at arrival. */
  at: number;
  /** Set if the client disconnected before the reply was complete. */
  closedByClientAt: number | undefined;
  /** Resolves when the exchange has ended, by either side. */
  closed: Promise<void>;
}

export function modelRequest(
  index: number,
  headers: IncomingHttpHeaders,
  rawBody: string,
  closed: Promise<void>,
): ModelRequest {
  // Not validated here: refuseRequest() checks what a real server would.
  const body = JSON.parse(rawBody) as ChatBody;
  const messages = Array.isArray(body.messages) ? body.messages : [];
  const tools = body.tools ?? [];
  const tool = calledTool(body, tools);
  const format = body.response_format;
  const texts = (roles: string[]) => messages.filter(({ role }) => roles.includes(role)).map(textOf);
  return {
    index,
    body,
    rawBody,
    headers,
    model: body.model,
    stream: body.stream === true,
    messages,
    system: texts(["system", "developer"]).join("\n\n"),
    user: texts(["user"]).at(-1) ?? "",
    responseFormat: format,
    tools,
    tool,
    structured: tool !== undefined || (format !== undefined && format.type !== "text"),
    schema: tool?.function.parameters ?? format?.json_schema?.schema ?? schemaIn(messages.map(textOf).join("\n")),
    at: performance.now(),
    closedByClientAt: undefined,
    closed,
  };
}

export function textOf(message: ChatMessage): string {
  if (typeof message.content === "string") return message.content;
  return (message.content ?? []).map((part) => part.text ?? "").join("");
}

/** Problems in a request's messages: instructions must come first, then user and assistant must alternate, and none may be empty. */
export function historyFlaws({ messages }: ModelRequest): string[] {
  const flaws = messages.flatMap((message, index) => {
    const from = index === 0 ? "system" : index % 2 ? "user" : "assistant";
    const isEmpty = textOf(message).trim() === "";
    return [
      ...(message.role === from ? [] : [`message ${index} is from ${message.role}, not ${from}`]),
      ...(isEmpty ? [`message ${index} is empty`] : []),
    ];
  });
  return messages.at(-1)?.role === "user" ? flaws : [...flaws, "the last message is not the user's"];
}

function calledTool(body: ChatBody, tools: ChatTool[]): ChatTool | undefined {
  const choice = body.tool_choice;
  if (choice === "none") return undefined;
  if (typeof choice === "object") return tools.find((tool) => tool.function.name === choice.function.name);
  return tools[0];
}

/** The JSON schema in the prompt of a structured request as text. */
function schemaIn(text: string): JsonSchema | undefined {
  if (!text.includes('"properties"')) return undefined;
  for (let start = text.indexOf("{"); start >= 0; start = text.indexOf("{", start + 1)) {
    for (let end = text.lastIndexOf("}"); end > start; end = text.lastIndexOf("}", end - 1)) {
      const found = parsed(text.slice(start, end + 1));
      if (found && typeof found === "object" && "properties" in found) return found;
    }
  }
  return undefined;
}

function parsed(text: string): JsonSchema | undefined {
  try {
    return JSON.parse(text) as JsonSchema;
  } catch {
    return undefined;
  }
}
