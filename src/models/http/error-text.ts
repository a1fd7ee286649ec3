import { withoutSecrets } from "./secrets.ts";

/** What an error object says. Compatible servers use many shapes. */
export interface ErrorText {
  message: string | undefined;
  /** The provider's error code, if it is a word. */
  code: string | undefined;
  /** The kind of error, such as `invalid_request_error`; `html_page` if the body is one. */
  type: string | undefined;
  /** The parameter that was refused, such as `stream_options.include_usage`. */
  param: string | undefined;
}

type Fields = Record<string, unknown>;

/** Of longer texts the beginning is read. */
const maxRead = 4096;

/** How deep errors are wrapped in errors, at most. */
const maxDepth = 4;

/** Reads an error body: JSON, an HTML page, or text. `secrets` are removed from the message. */
export function errorText(body: string, secrets: string[] = []): ErrorText {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    const text = body.slice(0, maxRead);
    const said = errorTextOf(text.replace(/<(style|script)\b[\s\S]*?(<\/\1>|$)|<[^<>]*>/gi, " "), secrets);
    return /^\s*<(!doctype|html|head|body)\b/i.test(text) ? { ...said, type: "html_page" } : said;
  }
  return errorTextOf(value, secrets);
}

/** The same for a parsed body. */
export function errorTextOf(value: unknown, secrets: string[] = []): ErrorText {
  const { message, code, ...rest } = read(value, maxDepth);
  return { ...rest, message: message && withoutSecrets(message, secrets), code: code && withoutSecrets(code, secrets) };
}

function read(value: unknown, depth: number): ErrorText {
  if (Array.isArray(value)) return read(value[0], depth); // Gemini wraps errors in a list
  const nothing = { message: undefined, code: undefined, type: undefined, param: undefined };
  if (typeof value === "string") return { ...nothing, message: value.slice(0, maxRead) };
  if (!isFields(value) || depth === 0) return nothing;
  const base = isFields(value.base_resp) ? value.base_resp : {}; // MiniMax
  const outer = {
    message:
      word(value, "message", "msg", "error_message", "detail", "description", "reason") ?? word(base, "status_msg"),
    code: word(value, "code", "error_code"),
    type: word(value, "type", "error_type", "status", "title"),
    param: word(value, "param") ?? place(value.loc),
  };
  const wrapped = [value.error, value.errors, value.detail, value.message, nested(value.metadata)].find(
    (inner) =>
      (typeof inner === "object" && inner !== null) || (typeof inner === "string" && outer.message === undefined),
  );
  if (wrapped === undefined) return outer;
  const inner = read(wrapped, depth - 1);
  return {
    message: [outer.message, inner.message].filter(Boolean).join(": ") || undefined,
    code: inner.code ?? outer.code,
    type: inner.type ?? outer.type,
    param: inner.param ?? outer.param,
  };
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first of these fields that is a text with something in it. */
function word(fields: Fields, ...names: string[]): string | undefined {
  for (const name of names) {
    const value = fields[name];
    if (typeof value === "string" && value.trim() !== "") return value.slice(0, maxRead);
  }
  return undefined;
}

/** OpenRouter quotes the provider's own error. */
function nested(metadata: unknown): unknown {
  const raw = isFields(metadata) ? metadata.raw : undefined;
  if (typeof raw !== "string") return raw;
  try {
    return JSON.parse(raw);
  } catch {
    return { message: raw };
  }
}

/** FastAPI's `["body", "stream_options", "include_usage"]`. */
function place(loc: unknown): string | undefined {
  if (!Array.isArray(loc)) return undefined;
  return (
    loc
      .slice(0, 10)
      .filter((part) => part !== "body")
      .join(".") || undefined
  );
}
