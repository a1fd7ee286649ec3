import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import type { Config } from "./config.ts";

const keptIn = "data/dev-api-key";

/**
 * The API key that the server makes if no setting says who may connect. Under `npm run dev` it is kept, so that an open page survives
 * restarts. Undefined in production, because nobody may read its output.
 */
export function ownKey(config: Config, isDev: boolean): string | undefined {
  if (!isKeyless(config) || config.NODE_ENV === "production") return undefined;
  if (!isDev) return newKey();
  return keptKey() ?? keep(newKey());
}

function newKey(): string {
  return randomBytes(24).toString("hex");
}

function keptKey(): string | undefined {
  try {
    const key = readFileSync(keptIn, "utf8").trim();
    return /^[0-9a-f]{48}$/.test(key) ? key : undefined;
  } catch {
    return undefined; // not there yet, or not ours
  }
}

function keep(key: string): string {
  try {
    mkdirSync(dirname(keptIn), { recursive: true, mode: 0o700 });
    writeFileSync(keptIn, `${key}\n`, { mode: 0o600 });
    chmodSync(keptIn, 0o600);
  } catch {
    // the folder cannot be written to: the next start makes another key
  }
  return key;
}

/** True if no setting says who may connect. */
export function isKeyless({ API_KEYS, API_KEYS_FILE, AUTH_JWT_SECRET, AUTH_JWKS_URL }: Config): boolean {
  return API_KEYS.length === 0 && !API_KEYS_FILE && !AUTH_JWT_SECRET && !AUTH_JWKS_URL;
}
