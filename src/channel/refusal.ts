import type { z } from "zod";

import { ChannelError } from "../errors.ts";
import type { Reply } from "../phoenix/channel.ts";

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
