import type { RateLimits } from "../limits/rate-limits.ts";
import type { Log } from "../log.ts";
import type { Connect } from "../socket/channel.ts";
import type { Authenticate } from "./authenticate.ts";
import type { Principal } from "./principal.ts";

/** Lets a client in, or refuses it with 403, or with 429 when its address tries too often. */
export function connection(authenticate: Authenticate, limits: RateLimits, log: Log): Connect<Principal> {
  return async (attempt) => {
    const waitMs = await limits.connections(attempt.address);
    if (waitMs > 0) return tooMany(waitMs);
    const principal = await authenticate(attempt).catch((error: unknown) => {
      log.error({ err: error }, "a token could not be verified");
      return "unknown" as const;
    });
    if (principal === "unknown") return { refused: 403 };
    if (principal) return { assigns: principal, id: principal.userId, until: principal.until };
    const refusedWaitMs = await limits.refused(attempt.address);
    return refusedWaitMs > 0 ? tooMany(refusedWaitMs) : { refused: 403 };
  };
}

function tooMany(waitMs: number) {
  return { refused: 429, headers: { "retry-after": String(Math.ceil(waitMs / 1000)) } };
}
