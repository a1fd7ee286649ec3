import type { z } from "zod";

import { ChannelError } from "../errors.ts";
import type { Reply } from "../phoenix/channel.ts";
import { StoreBusy } from "../store/store.ts";

/** When to send again what the store had no time for, in ms. */
const retryAfterMs = 1_000;

/** What a client is told of whatever a push threw. A locked database is a passing thing: the client sends the push again. */
export function errorOf(cause: unknown): ChannelError {
  if (!(cause instanceof StoreBusy)) return ChannelError.from(cause);
  const details = { retry_after_ms: retryAfterMs };
  return new ChannelError("busy", "The server cannot write just now; send it again.", { cause, details });
}

/** The `error` reply of a refused push. */
export function refusalReply({ code, message, details }: ChannelError): Reply {
  return { status: "error", response: { reason: code, message, details: { ...details, code } } };
}

/** The `error` event of a refused push, for clients that never look at replies. */
export function refusalEvent({ code, message, details }: ChannelError): object {
  return { message, details: { ...details, code } };
}

/** A payload that does not fit its schema: says where and what was expected. */
export function invalidPayload(error: z.ZodError): ChannelError {
  const issues = error.issues.slice(0, 10).map(({ path, message }) => ({ path: path.join("."), message }));
  const [first] = issues;
  const message = first ? `${first.path ? `${first.path}: ` : ""}${first.message}` : "The payload does not fit.";
  return new ChannelError("invalid_payload", message, { details: { issues } });
}

export function rateLimited(retryAfterMs: number): ChannelError {
  return new ChannelError("rate_limited", "Too many requests; wait before the next.", {
    details: { retry_after_ms: retryAfterMs },
  });
}
