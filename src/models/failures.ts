import type { IncomingHttpHeaders } from "node:http";

import { ModelFailure } from "../../graphs/failure.ts";
import { ConnectionFailure } from "./http/exchange.ts";
import { HttpError } from "./http/http-error.ts";

const firstBackoffMs = 500;

/** How long to wait before a retry. Infinity if a retry is pointless, or if the server asks for a delay above `maxMs`. */
export function retryDelayMs(error: unknown, attempt: number, maxMs: number): number {
  if (error instanceof ModelFailure && error.code !== "model_unavailable") return Number.POSITIVE_INFINITY;
  if (error instanceof HttpError) {
    const { status, headers } = error;
    if (!(status === 408 || status === 409 || status === 429 || status >= 500)) return Number.POSITIVE_INFINITY;
    const requestedMs = retryAfterMs(headers);
    if (requestedMs !== undefined) return requestedMs <= maxMs ? requestedMs : Number.POSITIVE_INFINITY;
  } else if (!(error instanceof ModelFailure || error instanceof ConnectionFailure)) return Number.POSITIVE_INFINITY;
  return firstBackoffMs * 2 ** attempt * (1 + Math.random() / 4);
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

/**
 * Maps a failed request to a ModelFailure, once it is not retried. The cause is dropped, because provider messages may quote keys and
 * content. Other errors are bugs, and are returned unchanged.
 */
export function toFailure(error: unknown): unknown {
  if (error instanceof ModelFailure) return error;
  if (error instanceof HttpError) return httpFailure(error);
  if (error instanceof ConnectionFailure) {
    return new ModelFailure("model_unavailable", "The model server cannot be reached.");
  }
  return error;
}

function httpFailure({ status, code }: HttpError): ModelFailure {
  const message = `The model server answered ${status}${code ? ` (${code})` : ""}.`;
  if (status === 429) return new ModelFailure("model_rate_limited", message);
  if (code === "content_filter") return new ModelFailure("model_refused", message);
  const unsupported = (status === 400 || status === 422) && code !== "context_length_exceeded";
  return new ModelFailure("model_unavailable", message, { unsupported });
}
