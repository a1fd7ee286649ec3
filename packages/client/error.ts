import type { Push } from "phoenix";

import type { ErrorCode, Refusal, ServerEvents } from "./protocol.ts";

/**
 * The server's codes, and others: `timeout` (no reply in time), `reset` (the conversation was reset and the turn dropped),
 * `replaced` (another device replaced the turn while this one was away), `left` (this page left the conversation, or the
 * server made it leave), `already_open` (the conversation is open on this socket), `origin_not_allowed` (the server accepts
 * no connections from this page's address). For files: `unsupported_type`, `not_allowed` (the key may not name users),
 * `too_slow` (the upload took too long).
 */
export type ConversationErrorCode =
  | ErrorCode
  | "timeout"
  | "reset"
  | "replaced"
  | "left"
  | "already_open"
  | "origin_not_allowed"
  | "unsupported_type"
  | "not_allowed"
  | "too_slow";

/** Thrown when a push is refused or a turn fails. */
export class ConversationError extends Error {
  readonly code: ConversationErrorCode;
  /** Further details from the server, such as `retry_after_ms`. */
  readonly details: Record<string, unknown>;
  constructor(code: ConversationErrorCode, message: string, details: Record<string, unknown> = {}) {
    super(message);
    this.name = "ConversationError";
    this.code = code;
    this.details = details;
  }
  toJSON() {
    const { code, message, details } = this;
    return { code, message, details };
  }
}

export function refused({
  reason,
  message,
  details,
}: Pick<Refusal, "message"> & { reason: ConversationErrorCode; details?: Refusal["details"] }): ConversationError {
  return new ConversationError(reason, message, details);
}

export function turnFailed({ message, details }: ServerEvents["error"]): ConversationError {
  return new ConversationError(details.code, message, details);
}

/** Resolves to the push's `ok` reply. Rejects with a `ConversationError`. */
export function replyTo<Reply>(push: Push): Promise<Reply> {
  return new Promise((resolve, reject) => {
    push
      .receive("ok", resolve)
      .receive("error", (refusal) => reject(refused(refusal)))
      .receive("timeout", () => reject(new ConversationError("timeout", "The server did not reply in time.")));
  });
}

/** Join refusals that are final. */
const permanent = ["not_found", "unauthorized", "invalid_payload"];

/** The error of a final join refusal. Undefined if the refusal is temporary: phoenix.js tries again. */
export function joinRefused({ reason, message = "This conversation belongs to another user." }: JoinRefusal) {
  return permanent.includes(reason) ? new ConversationError(reason, message) : undefined;
}

/** There is no message if the conversation belongs to another user. */
type JoinRefusal = Pick<Refusal, "reason"> & Partial<Pick<Refusal, "message">>;

export function left(): ConversationError {
  return new ConversationError("left", "You left the conversation.");
}
