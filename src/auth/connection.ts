import type { RateLimits } from "../limits/rate-limits.ts";
import type { Connect } from "../phoenix/channel.ts";
import type { Log } from "../telemetry/log.ts";
import type { Authenticate } from "./authenticate.ts";
import type { Principal } from "./principal.ts";

/** Authenticates connections. Refuses with 403, or with 429 if an address connects or fails too often. */
export function connection(
  authenticate: Authenticate,
  limits: RateLimits,
  refusals: { refused(reason: string): void },
  log: Log,
): Connect<Principal> {
  function refusal(reason: "key" | "limit" | "unverified", waitMs = 0) {
    refusals.refused(reason);
    log.warn({ reason }, "handshake refused");
    return waitMs > 0 ? tooMany(waitMs) : { refused: 403 };
  }

  return async (attempt) => {
    const waitMs = await limits.connections(attempt.address);
    if (waitMs > 0) return refusal("limit", waitMs);
    const principal = await authenticate(attempt).catch((error: unknown) => {
      log.error({ err: error }, "token verification failed");
      return "unknown" as const;
    });
    if (principal === "unknown") return refusal("unverified");
    if (principal) return { assigns: principal, id: principal.userId, until: principal.until };
    return refusal("key", await limits.refused(attempt.address));
  };
}

function tooMany(waitMs: number) {
  return { refused: 429, headers: { "retry-after": String(Math.ceil(waitMs / 1000)) } };
}
