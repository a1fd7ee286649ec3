import type { Config } from "../config.ts";
import type { Log } from "../telemetry/log.ts";
import { keyOf } from "./api-keys.ts";
import { type Authenticate, authentication } from "./authenticate.ts";
import { type KeyRing, keyRing } from "./key-ring.ts";
import { type TokenSettings, tokens } from "./tokens.ts";

/** RFC 7518, section 3.2: a shorter secret can be guessed from one token. */
const minSecretBytes = 32;

/** The server's keys, and what identifies its clients. `operatorKey` is the one of `apiKeys` that was printed at the start. */
export function authenticationOf(
  config: Config,
  { apiKeys, operatorKey }: { apiKeys: readonly string[]; operatorKey?: string },
  log: Log,
): { keys: KeyRing; authenticate: Authenticate } {
  const editors = config.WORKBENCH_KEYS.length > 0 || !operatorKey ? config.WORKBENCH_KEYS : [operatorKey];
  const specialKeys = { operator: operatorKey, editors };
  const keys = keyRing({ apiKeys, apiKeysFile: config.API_KEYS_FILE, specialKeys }, log);
  for (const warning of warnings(config, apiKeys)) log.warn(warning);
  return { keys, authenticate: authentication(keys, tokens(tokenSettings(config))) };
}

function tokenSettings(config: Config): TokenSettings {
  const { AUTH_JWT_SECRET, AUTH_JWKS_URL, AUTH_JWT_AUDIENCE, AUTH_JWT_ISSUER } = config;
  return {
    secret: AUTH_JWT_SECRET,
    jwksUrl: AUTH_JWKS_URL,
    audience: AUTH_JWT_AUDIENCE.length > 0 ? AUTH_JWT_AUDIENCE : undefined,
    issuer: AUTH_JWT_ISSUER.length > 0 ? AUTH_JWT_ISSUER : undefined,
  };
}

/** What is valid, but likely not meant. `apiKeys` are the keys that are in use. */
function warnings(config: Config, apiKeys: readonly string[]): string[] {
  const { AUTH_JWT_SECRET, AUTH_JWKS_URL, AUTH_JWT_AUDIENCE, AUTH_JWT_ISSUER, API_KEYS_FILE, WORKBENCH_KEYS } = config;
  const found: string[] = [];
  const hasTokens = AUTH_JWT_SECRET !== undefined || AUTH_JWKS_URL !== undefined;
  if (apiKeys.length === 0 && !API_KEYS_FILE && !hasTokens)
    found.push("nobody can connect: set API_KEYS, API_KEYS_FILE, AUTH_JWT_SECRET or AUTH_JWKS_URL");
  if (AUTH_JWKS_URL && AUTH_JWT_AUDIENCE.length === 0)
    found.push(
      "AUTH_JWT_AUDIENCE is not set: tokens that AUTH_JWKS_URL's issuer made for other services are valid, too",
    );
  if (AUTH_JWT_SECRET && Buffer.byteLength(AUTH_JWT_SECRET) < minSecretBytes)
    found.push(`AUTH_JWT_SECRET has less than ${minSecretBytes} bytes: it can be guessed from a token`);
  if (!hasTokens && AUTH_JWT_AUDIENCE.length + AUTH_JWT_ISSUER.length > 0)
    found.push("AUTH_JWT_AUDIENCE and AUTH_JWT_ISSUER need AUTH_JWT_SECRET or AUTH_JWKS_URL");
  const known = new Set(apiKeys.map(keyOf));
  if (!API_KEYS_FILE && WORKBENCH_KEYS.some((key) => !known.has(key)))
    found.push("WORKBENCH_KEYS has a key that is not in API_KEYS");
  return found;
}
