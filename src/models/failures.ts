import type { IncomingHttpHeaders } from "node:http";

import type { BaseMessage } from "@langchain/core/messages";

import { type Diagnosis, ModelFailure } from "../../graphs/failure.ts";
import { namesForm } from "./adapting/refused-things.ts";
import { type Cause, causeOf } from "./causes.ts";
import { contextLimitIn } from "./context-limit.ts";
import { connectionHelp, httpHelp, isTlsFailure, replyHelp, type SettingNames } from "./help.ts";
import type { Place } from "./http/endpoint.ts";
import { ConnectionFailure } from "./http/exchange.ts";
import { HttpError } from "./http/http-error.ts";
import { withoutSecrets } from "./http/secrets.ts";
import { withoutQuotes } from "./quotes.ts";

const firstBackoffMs = 500;

/** How long to wait before a retry. Infinity if a retry is pointless, or if the server asks for a delay above `maxMs`. */
export function retryDelayMs(error: unknown, attempt: number, maxMs: number): number {
  if (error instanceof ModelFailure && error.code !== "model_unavailable") return Number.POSITIVE_INFINITY;
  if (error instanceof HttpError) {
    if (!isTemporary(error)) return Number.POSITIVE_INFINITY;
    const requestedMs = retryAfterMs(error.headers);
    if (requestedMs !== undefined) return requestedMs <= maxMs ? requestedMs : Number.POSITIVE_INFINITY;
  } else if (error instanceof ConnectionFailure) {
    if (isTlsFailure(error)) return Number.POSITIVE_INFINITY;
  } else if (!(error instanceof ModelFailure)) return Number.POSITIVE_INFINITY;
  return firstBackoffMs * 2 ** attempt * (1 + Math.random() / 4);
}

function isTemporary(error: HttpError): boolean {
  const cause = causeOf(error);
  return cause === "rate_limited" || cause === "server_error" || (cause === "failed_generation" && error.status >= 500);
}

/** A reply failed in a way that the form of the request may cause: a server's error, or a broken reply. */
export function mayBeForm(error: unknown): boolean {
  if (error instanceof HttpError) return error.status >= 500;
  return error instanceof ModelFailure && error.code === "model_unavailable";
}

/** `retry-after` in seconds or as a date (RFC 9110, section 10.2.3), or `retry-after-ms`, which some providers send too. */
function retryAfterMs(headers: IncomingHttpHeaders): number | undefined {
  const exact = Number(headers["retry-after-ms"] || Number.NaN);
  if (Number.isFinite(exact)) return Math.max(0, exact);
  const value = headers["retry-after"];
  if (!value) return undefined;
  const seconds = Number(value);
  const delayMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(delayMs) ? Math.max(0, delayMs) : undefined;
}

/** What was asked, for the words of a failure. */
interface Asked {
  endpoint?: Place;
  model?: string;
  /** What the server quotes of them is left out. */
  messages?: readonly BaseMessage[];
  /** Default: those of our own client. */
  settings?: SettingNames;
}

/**
 * Maps a failed request to a ModelFailure, once it is not retried. Its diagnosis has the server's own words without secrets and content. The
 * cause is dropped. Other errors are bugs, and are returned unchanged.
 */
export function toFailure(error: unknown, asked: Asked = {}): unknown {
  const { endpoint, model, settings } = asked;
  const diagnosis = { model, ...(endpoint && { address: addressOf(endpoint) }) };
  if (error instanceof HttpError) return httpFailure(error, asked, diagnosis);
  if (error instanceof ConnectionFailure) {
    const help = connectionHelp(error, endpoint, settings);
    return new ModelFailure("model_unavailable", "The model server cannot be reached.", {
      inAnyForm: true,
      help,
      diagnosis,
    });
  }
  if (error instanceof ModelFailure) {
    error.help ??= replyHelp(error.code, settings);
    error.diagnosis = { ...diagnosis, ...error.diagnosis };
  }
  return error;
}

function httpFailure(error: HttpError, { model, messages = [], settings }: Asked, place: Diagnosis): ModelFailure {
  const { status } = error;
  const cause = causeOf(error);
  const message = `The model server answered ${status}.`;
  const help = httpHelp(error, model, settings);
  const said = withoutQuotes(
    saidIn(error),
    messages.map(({ text }) => text),
  );
  const diagnosis = { ...place, status, ...(said && { said }) };
  if (cause === "context_overflow") {
    const code = status === 429 ? "model_rate_limited" : "model_unavailable";
    const contextTokens = contextLimitIn(error.message);
    return new ModelFailure(code, message, { reason: cause, contextTokens, help, diagnosis });
  }
  if (refusesImages.test(error.message) && messages.some(hasImage))
    return new ModelFailure("model_unavailable", message, { reason: "images", help, diagnosis });
  if (status === 429) return new ModelFailure("model_rate_limited", message, { help, diagnosis });
  if (cause === "refused") return new ModelFailure("model_refused", message, { help, diagnosis });
  return new ModelFailure("model_unavailable", message, {
    unsupported: cause === "bad_request",
    namesForm: cause === "bad_request" && namesForm(error),
    inAnyForm: inAnyForm.has(cause),
    help,
    diagnosis,
  });
}

/** "does not support image input", "No endpoints found that support image input", "is not a multimodal model". */
const refusesImages =
  /\b(?:image|vision|multi-?modal)\w*.{0,80}(?:not (?:yet )?support|unsupported|not (?:available|allowed|enabled|permitted))|(?:n[o']t (?:support|accept|allow|have)|unsupported|no endpoints|cannot|not an?|only).{0,80}\b(?:image|vision|multi-?modal)|content.{0,40}(?:only|must be).{0,20}text/i;

function hasImage({ content }: BaseMessage): boolean {
  return typeof content !== "string" && content.some(({ type }) => type === "image_url" || type === "image");
}

/** The server's words and code. Empty if it gave none. */
function saidIn({ status, code, message }: HttpError): string {
  const words = message === `HTTP status ${status}` ? "" : message;
  return withoutSecrets([words, code && `(${code})`].filter(Boolean).join(" "));
}

const inAnyForm = new Set<Cause>(["redirect", "no_credit", "wrong_key", "unknown_model", "wrong_path"]);

/** Without its query, which may have a key. */
function addressOf({ origin, path }: Place): string {
  return origin + path.split("?", 1)[0];
}
