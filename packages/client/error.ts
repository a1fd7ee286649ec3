import type { Push } from "phoenix";

import type { ErrorCode, Refusal, ServerEvents } from "./protocol.ts";

/**
 * The server's codes, and five of the client: `timeout` (no reply in time), `reset` (the conversation was reset and the
 * turn dropped), `replaced` (another device replaced the turn while this one was away), `left` (this page left the
 * conversation, or the server made it leave), `already_open` (the conversation is open on this socket).
 */
export type ConversationErrorCode = ErrorCode | "timeout" | "reset" | "replaced" | "left" | "already_open";

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
}

export function refused({ reason, message, details }: Refusal): ConversationError {
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
