import type { IncomingHttpHeaders } from "node:http";

import { ModelFailure } from "../../graphs/failure.ts";
import { ConnectionFailure } from "./http/exchange.ts";
import { HttpRefusal } from "./http/refusal.ts";

const firstBackoffMs = 500;

/** How long to wait before the same request is sent again; infinite when it makes no sense, or the server asks for more than `mostMs`. */
export function retryDelayMs(error: unknown, attempt: number, mostMs: number): number {
  if (error instanceof ModelFailure && error.code !== "model_unavailable") return Number.POSITIVE_INFINITY;
  if (error instanceof HttpRefusal) {
    const { status, headers } = error;
    if (!(status === 408 || status === 409 || status === 429 || status >= 500)) return Number.POSITIVE_INFINITY;
    const wantedMs = retryAfterMs(headers);
    if (wantedMs !== undefined) return wantedMs <= mostMs ? wantedMs : Number.POSITIVE_INFINITY;
  } else if (!(error instanceof ModelFailure || error instanceof ConnectionFailure)) return Number.POSITIVE_INFINITY;
  return firstBackoffMs * 2 ** attempt * (1 + Math.random() / 4);
}

/** RFC 9110, section 10.2.3: seconds or a date; and `retry-after-ms`, which some providers send beside it. */
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
 * What a failed request means once it is not sent again: the one place that maps provider failures. Keeps no cause, for a
 * provider's words may quote keys and content. An error that is none of the provider's is a bug and comes back as it is.
 */
export function toFailure(error: unknown): unknown {
  if (error instanceof ModelFailure) return error;
  if (error instanceof HttpRefusal) return httpFailure(error);
  if (error instanceof ConnectionFailure) {
    return new ModelFailure("model_unavailable", "The model server cannot be reached.");
  }
  return error;
}

function httpFailure({ status, code }: HttpRefusal): ModelFailure {
  const told = `The model server answered ${status}${code ? ` (${code})` : ""}.`;
  if (status === 429) return new ModelFailure("model_rate_limited", told);
  if (code === "content_filter") return new ModelFailure("model_refused", told);
  const unsupported = (status === 400 || status === 422) && code !== "context_length_exceeded";
  return new ModelFailure("model_unavailable", told, { unsupported });
}
