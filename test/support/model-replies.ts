import type { Gate } from "./gate.ts";

export type FinishReason = "stop" | "length" | "content_filter" | "tool_calls";

export interface ApiError {
  message: string;
  type?: string | null;
  param?: string | null;
  code?: string | null;
}

/** One scripted reply. `"Hello."` is short for `{ text: "Hello." }`. A chunk is one piece of text, arguments or refusal. */
export interface Reply {
  /** Streamed word by word. */
  text?: string;
  /** Text in exactly these chunks. */
  chunks?: string[];
  /** What the model tells about its thinking before the answer, in these pieces. They count as chunks. */
  reasoning?: string[];
  /** A value in the form that the request asks for: as text, or as a tool's arguments. */
  json?: unknown;
  /** Like `json`, but with any characters. */
  jsonText?: string;
  /** Calls of tools, after the text if there is one. */
  toolCalls?: { name: string; args: object; id?: string }[];
  refusal?: string;
  /** Null: the stream ends without one. */
  finishReason?: FinishReason | null;
  /** Null: never sent. The default counts words. */
  usage?: { input: number; output: number } | null;
  /** The provider's name of the model. */
  model?: string;

  /** From 400 on an error, with `error` in OpenAI's format. */
  status?: number;
  error?: ApiError;
  headers?: Record<string, string>;
  /** The body, instead of any other. */
  rawBody?: string;

  headersDelayMs?: number;
  /** Delay between the headers and the first chunk. */
  firstDelayMs?: number;
  chunkDelayMs?: number;
  /** Interval of SSE comments while it waits. */
  keepAliveMs?: number;
  /** Waits here before each chunk, and once more before the end. */
  gate?: Gate;

  /** Sends nothing after this many chunks, but stays connected; `"request"`: not even headers. */
  stallAfter?: "request" | number;
  /** Destroys the connection after this many chunks; `"request"`: before the headers. */
  cutAfter?: "request" | number;
  /** Inserts these characters into the stream after this many chunks. */
  inject?: { after: number; raw: string };
  /** Splits the bytes of each non-ASCII character into two writes. */
  splitBytes?: boolean;
  /** `"missing"`: the stream ends without `[DONE]`; `"open"`: with it, but the connection stays open; `"silent"`: neither. */
  done?: "missing" | "open" | "silent";
}

/** Misbehaviour by name, for `server.next(faults.…)`. */
export const faults = {
  badRequest: failure(400, "Invalid value for 'messages'.", { type: "invalid_request_error", param: "messages" }),
  unauthorized: failure(401, "Incorrect API key provided: sk-canary-secret.", { code: "invalid_api_key" }),
  forbidden: failure(403, "You are not allowed to generate from this model", { type: "permission_error" }),
  modelNotFound: failure(404, "The model `nope` does not exist or you do not have access to it.", {
    code: "model_not_found",
  }),
  quotaExceeded: failure(429, "You exceeded your current quota.", { code: "insufficient_quota" }),
  serverError: failure(500, "The server had an error while processing your request.", { type: "server_error" }),
  overloaded: failure(503, "The engine is currently overloaded.", { type: "server_error" }),
  contextTooLong: failure(400, "This model's maximum context length is 8192 tokens.", {
    code: "context_length_exceeded",
    param: "messages",
  }),
  responseFormatUnsupported: failure(
    400,
    "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model. Learn more about " +
      "supported models at the Structured Outputs guide: https://platform.openai.com/docs/guides/structured-outputs",
    { type: "invalid_request_error" },
  ),
  filteredPrompt: failure(400, "The response was filtered due to the prompt triggering a content policy.", {
    code: "content_filter",
    param: "prompt",
  }),
  htmlPage: { rawBody: "<html><body>502 Bad Gateway</body></html>", headers: { "content-type": "text/html" } },

  refusal: { refusal: "I'm sorry, I can't help with that." },
  contentFilter: { text: "The first part of", finishReason: "content_filter" },
  truncated: { text: "This answer was cut by its", finishReason: "length" },
  empty: { text: "" },
  hang: { stallAfter: "request" },
  hangAfterHeaders: { stallAfter: 0 },
  hangWithComments: { stallAfter: 0, keepAliveMs: 20 },
  cutBeforeHeaders: { cutAfter: "request" },
  errorInStream: {
    text: "Half an answer",
    inject: { after: 1, raw: 'data: {"error":{"message":"boom sk-canary"}}\n\n' },
  },
  malformedJson: { text: "Half an answer", inject: { after: 1, raw: 'data: {"choices":[{"delta":{"cont\n\n' } },
  /** A line that runs into the next event and corrupts it. */
  malformedSse: { text: "Half an answer", inject: { after: 1, raw: "data: <html>502</html>\n" } },
  /** Lines that a lenient parser skips. */
  strayLines: { text: "A whole answer", inject: { after: 1, raw: "\0\n\n<html>\nevent\n:\n\nid 3\n\n" } },
  splitUtf8: { text: "Grüße, 世界 👩‍🚀 — naïve café", splitBytes: true },
  doneMissing: { text: "An answer without its end mark.", done: "missing" },
  unfinished: { text: "An answer that just", done: "missing", finishReason: null, usage: null },
  doneWithoutClose: { text: "An answer on an open line.", done: "open" },
} as const satisfies Record<string, Reply>;

/** 429. `retryAfter` is the header: seconds, or an HTTP date. */
export function rateLimited(retryAfter?: string): Reply {
  const reply = failure(429, "Rate limit reached for requests", { type: "requests", code: "rate_limit_exceeded" });
  return retryAfter === undefined ? reply : { ...reply, headers: { "retry-after": retryAfter } };
}

export function stallAfter(chunks: number): Reply {
  return { text: "one two three four five six seven eight nine ten", stallAfter: chunks };
}

export function cutAfter(chunks: number): Reply {
  return { text: "one two three four five six seven eight nine ten", cutAfter: chunks };
}

export function slowDrip(text: string, chunkDelayMs: number): Reply {
  return { chunks: [...text], chunkDelayMs };
}

/** An answer of this many bytes, in chunks of 16 KiB. */
export function huge(bytes = 10 * 1024 * 1024): Reply {
  const size = 16 * 1024;
  const chunk = "0123456789abcdef".repeat(size / 16);
  const rest = bytes % size;
  return { chunks: [...Array<string>(Math.floor(bytes / size)).fill(chunk), ...(rest ? [chunk.slice(0, rest)] : [])] };
}

function failure(status: number, message: string, error: Omit<ApiError, "message">): Reply {
  return { status, error: { message, type: null, param: null, code: null, ...error } };
}
