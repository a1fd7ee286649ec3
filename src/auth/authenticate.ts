import type { ConnectAttempt } from "../phoenix/channel.ts";
import type { KeyRing } from "./key-ring.ts";
import type { Principal } from "./principal.ts";
import type { TokenVerdict } from "./tokens.ts";

/** Who a client is and how long that holds; or, for the log, why nobody knows. */
export type Verdict = { principal: Principal; until?: number; isRevoked?: () => boolean } | { problem: string };

export type Authenticate = (attempt: ConnectAttempt) => Promise<Verdict>;

/**
 * Identifies a client by `api_key`, by `token` (a JWT), or by `authToken` (either of the two). On long poll, `token` is ignored: Phoenix
 * uses it for the session.
 */
export function authentication(keys: KeyRing, tokens: (token: string) => Promise<TokenVerdict>): Authenticate {
  return async ({ params, authToken, transport }) => {
    const key = text(params.api_key);
    const token = transport === "websocket" ? text(params.token) : undefined;
    const owner = await keys.find(key ?? authToken ?? "");
    if (owner) return owner;
    const problems = key === undefined ? [] : [looksLikeToken(key) ? "a JWT was sent as api_key" : "unknown API key"];
    for (const candidate of [token, authToken]) {
      if (candidate === undefined) continue;
      const verdict = await tokens(candidate);
      if ("principal" in verdict) return verdict;
      problems.push(problemWith(candidate, verdict.problem));
    }
    return { problem: problems.join("; ") || "no API key and no token was sent" };
  };
}

function problemWith(token: string, problem: string): string {
  if (/^bearer\s/i.test(token)) return "the token begins with Bearer: send only what follows";
  return looksLikeToken(token) ? `the token was refused: ${problem}` : "unknown API key, and not a JWT";
}

function looksLikeToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(text);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
