import { z } from "zod";

/** All error codes that clients of a conversation can get. */
export const ErrorCode = z.enum([
  "invalid_payload",
  "content_too_long",
  "unknown_event",
  "unauthorized",
  "not_found",
  "rate_limited",
  "busy",
  "budget_exceeded",
  "model_not_allowed",
  "model_timeout",
  "model_rate_limited",
  "model_refused",
  "model_unavailable",
  "draining",
  "interrupted",
  "internal",
]);
export type ErrorCode = z.infer<typeof ErrorCode>;

/** Further codes of the workbench's channel. */
export type WorkbenchCode = "invalid_prompt" | "edit_conflict" | "not_allowed" | "not_recorded";

/** An error that is shown to clients as it is. All other errors become `internal`. `details` are sent along with the code. */
export class ChannelError extends Error {
  readonly code: ErrorCode | WorkbenchCode;
  readonly details: Record<string, unknown>;

  constructor(
    code: ErrorCode | WorkbenchCode,
    message: string,
    options: ErrorOptions & { details?: Record<string, unknown> } = {},
  ) {
    super(message, options);
    this.name = "ChannelError";
    this.code = code;
    this.details = options.details ?? {};
  }

  static from(error: unknown): ChannelError {
    if (error instanceof ChannelError) return error;
    return new ChannelError("internal", "Something went wrong on the server.", { cause: error });
  }
}
