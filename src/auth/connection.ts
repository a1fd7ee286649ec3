import type { RateLimits } from "../limits/rate-limits.ts";
import type { Admit, Connect } from "../phoenix/channel.ts";
import type { Log } from "../telemetry/log.ts";
import type { Authenticate } from "./authenticate.ts";
import type { Principal } from "./principal.ts";

/** Authenticates connections. Refuses with 403, or with 429 if an address connects or fails too often. */
export function connection(
  authenticate: Authenticate,
  limits: RateLimits,
  refusals: { refused(reason: string): void },
  log: Log,
): { admit: Admit; connect: Connect<Principal> } {
  function refusal(reason: "key" | "limit" | "unverified", details: object, waitMs = 0) {
    refusals.refused(reason);
    log.warn({ reason, ...details }, "handshake refused");
    return waitMs > 0 ? tooMany(waitMs) : { refused: 403 };
  }

  async function admit(address: string) {
    const waitMs = await limits.connections(address);
    return waitMs > 0 ? refusal("limit", { address, setting: "RATE_LIMIT_CONNECTIONS" }, waitMs) : undefined;
  }

  const connect: Connect<Principal> = async (attempt) => {
    const { address } = attempt;
    const verdict = await authenticate(attempt).catch((error: unknown) => {
      log.error({ err: error }, "token verification failed");
      return undefined;
    });
    if (!verdict) return refusal("unverified", { address });
    if ("principal" in verdict) {
      const { principal, until, isRevoked } = verdict;
      return { assigns: principal, id: principal.userId, until, isRevoked };
    }
    const { problem } = verdict;
    const refusedWaitMs = await limits.refused(address);
    const limit = refusedWaitMs > 0 ? { setting: "RATE_LIMIT_REFUSED" } : {};
    return refusal("key", { address, problem, ...limit }, refusedWaitMs);
  };

  return { admit, connect };
}

function tooMany(waitMs: number) {
  return { refused: 429, headers: { "retry-after": String(Math.ceil(waitMs / 1000)) } };
}
