import type { Push } from "phoenix";

import type { ErrorCode, Refusal, ServerEvents } from "./protocol.ts";

/** The server's codes; `timeout`: no answer came; `reset`: the conversation began anew and the turn was dropped; `left`: by this page. */
export type ConversationErrorCode = ErrorCode | "timeout" | "reset" | "left";

/** Why a push was refused, or a turn has failed. */
export class ConversationError extends Error {
  readonly code: ConversationErrorCode;
  /** What else the server says: `retry_after_ms`, for one. */
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

/** The `ok` reply. Rejects with a `ConversationError`. */
export function replyTo<Reply>(push: Push): Promise<Reply> {
  return new Promise((resolve, reject) => {
    push
      .receive("ok", resolve)
      .receive("error", (refusal) => reject(refused(refusal)))
      .receive("timeout", () => reject(new ConversationError("timeout", "The server did not answer in time.")));
  });
}
