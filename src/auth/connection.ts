import type { RateLimits } from "../limits/rate-limits.ts";
import type { Admit, Connect, HandshakeRefusal } from "../phoenix/channel.ts";
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
  function refusal(reason: "key" | "limit" | "unverified", details: object, waitMs = 0): HandshakeRefusal {
    refusals.refused(reason);
    log.warn({ reason, ...details }, "handshake refused");
    return waitMs > 0 ? tooMany(waitMs) : unauthorized;
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

/** The same for everybody: what was wrong is in the log. */
const unauthorized: HandshakeRefusal = {
  refused: 403,
  explanation: {
    reason: "unauthorized",
    message: "The key or token is missing, wrong or expired. The server's log says more.",
  },
};

function tooMany(waitMs: number): HandshakeRefusal {
  const message = "Too many connections from this address.";
  return {
    refused: 429,
    headers: { "retry-after": String(Math.ceil(waitMs / 1000)) },
    explanation: { reason: "rate_limited", message, details: { retry_after_ms: Math.ceil(waitMs) } },
  };
}
