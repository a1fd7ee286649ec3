import { ModelFailure } from "../../graphs/failure.ts";

/** A server's refusal as the openai client throws it; no `status` means that no answer came. */
interface HttpFailure {
  status?: number;
  headers?: Headers;
}

const firstBackoffMs = 500;

/** How long to wait before the same request is sent again; infinite when it makes no sense. */
export function retryDelayMs(error: unknown, attempt: number): number {
  if (error instanceof ModelFailure && error.code !== "model_unavailable") return Number.POSITIVE_INFINITY;
  const { status, headers } = httpFailure(error);
  const isPassing = status === undefined || status === 408 || status === 409 || status === 429 || status >= 500;
  if (!isPassing) return Number.POSITIVE_INFINITY;
  return retryAfterMs(headers) ?? firstBackoffMs * 2 ** attempt * (1 + Math.random() / 4);
}

/** RFC 9110, section 10.2.3: seconds or a date; and `retry-after-ms`, which some providers send beside it. */
function retryAfterMs(headers: Headers | undefined): number | undefined {
  const exact = Number(headers?.get("retry-after-ms") || Number.NaN);
  if (Number.isFinite(exact)) return Math.max(0, exact);
  const value = headers?.get("retry-after");
  if (!value) return undefined;
  const seconds = Number(value);
  const delayMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(delayMs) ? Math.max(0, delayMs) : undefined;
}

/** What a failed request means once it is not sent again. The one place that maps provider failures. */
export function toFailure(error: unknown): ModelFailure {
  if (error instanceof ModelFailure) return error;
  const { status } = httpFailure(error);
  if (status === 429)
    return new ModelFailure("model_rate_limited", "The model's rate limit is used up.", { cause: error });
  const unsupported = status === 400 || status === 422;
  return new ModelFailure("model_unavailable", "The model cannot be reached.", { cause: error, unsupported });
}

function httpFailure(error: unknown): HttpFailure {
  return typeof error === "object" && error !== null ? error : {};
}
