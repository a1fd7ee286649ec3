import type { ConnectAttempt } from "../phoenix/channel.ts";
import { apiKeys } from "./api-keys.ts";
import type { Principal } from "./principal.ts";
import { type TokenSettings, tokens } from "./tokens.ts";

export interface AuthSettings extends TokenSettings {
  /** Entries of `key=user_id` or `key=*`. */
  apiKeys: readonly string[];
}

export type Authenticate = (attempt: ConnectAttempt) => Promise<Principal | undefined>;

/**
 * Identifies a client by `api_key`, by `token` (a JWT), or by `authToken` (either of the two). Undefined if none is valid.
 * On long poll, `token` is ignored: Phoenix uses it for the session.
 */
export function authentication(settings: AuthSettings): Authenticate {
  const byKey = apiKeys(settings.apiKeys);
  const byToken = tokens(settings);
  return async ({ params, authToken, transport }) => {
    const key = text(params.api_key);
    const token = transport === "websocket" ? text(params.token) : undefined;
    const owner = byKey(key ?? authToken ?? "");
    if (owner) return owner;
    for (const candidate of [token, authToken]) {
      const principal = candidate === undefined ? undefined : await byToken(candidate);
      if (principal) return principal;
    }
    return undefined;
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
