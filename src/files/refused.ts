/** Why a request for a file is refused, and the HTTP status that goes with it. */
const statuses = {
  invalid_payload: 400,
  unauthorized: 401,
  not_allowed: 403,
  origin_not_allowed: 403,
  not_found: 404,
  too_slow: 408,
  content_too_long: 413,
  unsupported_type: 415,
  rate_limited: 429,
  internal: 500,
  busy: 503,
  draining: 503,
} as const;

export type RefusalReason = keyof typeof statuses;

/** A refusal that the client is told as it is: `{reason, message}`, and `details` if there are any. */
export class FileRefused extends Error {
  readonly reason: RefusalReason;
  readonly retryAfterMs: number | undefined;

  constructor(reason: RefusalReason, message: string, options: ErrorOptions & { retryAfterMs?: number } = {}) {
    super(message, options);
    this.name = "FileRefused";
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs;
  }

  get status(): number {
    return statuses[this.reason];
  }
}
