import type { RateLimits } from "../limits/rate-limits.ts";
import type { Admit, Connect } from "../phoenix/channel.ts";
import type { Log } from "../telemetry/log.ts";
import type { Authenticate } from "./authenticate.ts";
import type { Principal } from "./principal.ts";
import { refusedBefore } from "./refused-before.ts";

/**
 * Authenticates connections. Refuses with 403, or with 429 if an address connects or fails too often. Failures have their own limit: they
 * do not count as connections before it is used up, and one wrong key never does, so that it locks out nobody else behind the address.
 */
export function connection(
  authenticate: Authenticate,
  limits: RateLimits,
  refusals: { refused(reason: string): void },
  log: Log,
): { clients: RateLimits["clients"]; admit: Admit; connect: Connect<Principal> } {
  function refusal(reason: "key" | "limit" | "unverified", details: object, waitMs = 0) {
    refusals.refused(reason);
    log.warn({ reason, ...details }, "handshake refused");
    return waitMs > 0 ? tooMany(waitMs) : { refused: 403 };
  }

  const wrong = refusedBefore();

  async function wrongKey(address: string, problem: string, isRepeated: boolean) {
    const waitMs = await limits.refused(address);
    if (isRepeated || waitMs === 0) limits.connections.giveBack(address);
    return refusal("key", { address, problem, ...(waitMs > 0 && { setting: "RATE_LIMIT_REFUSED" }) }, waitMs);
  }

  async function admit(address: string) {
    const waitMs = await limits.connections(address);
    return waitMs > 0 ? refusal("limit", { address, setting: "RATE_LIMIT_CONNECTIONS" }, waitMs) : undefined;
  }

  const connect: Connect<Principal> = async (attempt) => {
    const { address } = attempt;
    const isRepeated = wrong.has(attempt);
    if (isRepeated && limits.refused.isUsedUp(address)) return wrongKey(address, "refused before", isRepeated);
    const verdict = await authenticate(attempt).catch((error: unknown) => {
      log.error({ err: error }, "token verification failed");
      return undefined;
    });
    if (!verdict) return refusal("unverified", { address });
    if ("principal" in verdict) {
      const { principal, until, isRevoked } = verdict;
      wrong.delete(attempt);
      return { assigns: principal, id: principal.userId, until, isRevoked };
    }
    wrong.add(attempt);
    return wrongKey(address, verdict.problem, isRepeated);
  };

  return { clients: limits.clients, admit, connect };
}

function tooMany(waitMs: number) {
  return { refused: 429, headers: { "retry-after": String(Math.ceil(waitMs / 1000)) } };
}
