import type { z } from "zod";

import { ChannelError } from "../errors.ts";
import type { Reply } from "../phoenix/channel.ts";
import { StoreBusy } from "../store/store.ts";

/** After `busy` because of a locked database. */
const retryAfterMs = 1_000;

/** The error that the client sees for whatever a push threw. A locked database becomes `busy`, so that the client retries. */
export function clientError(cause: unknown): ChannelError {
  if (!(cause instanceof StoreBusy)) return ChannelError.from(cause);
  const details = { retry_after_ms: retryAfterMs };
  return new ChannelError("busy", "The server cannot store this right now. Try again.", { cause, details });
}

/** The `error` reply of a refused push. */
export function refusalReply({ code, message, details }: ChannelError): Reply {
  return { status: "error", response: { reason: code, message, details: { ...details, code } } };
}

/** The `error` event of a refused push, for clients that ignore replies. */
export function refusalEvent({ code, message, details }: ChannelError): object {
  return { message, details: { ...details, code } };
}

/** The error for a payload that does not match its schema: the first issue as the message, up to ten in the details. */
export function invalidPayload(error: z.ZodError): ChannelError {
  const issues = error.issues.slice(0, 10).map(({ path, message }) => ({ path: path.join("."), message }));
  const [first] = issues;
  const message = first ? `${first.path ? `${first.path}: ` : ""}${first.message}` : "Invalid payload.";
  return new ChannelError("invalid_payload", message, { details: { issues } });
}

export function rateLimited(retryAfterMs: number): ChannelError {
  return new ChannelError("rate_limited", "Too many requests. Wait before trying again.", {
    details: { retry_after_ms: retryAfterMs },
  });
}
