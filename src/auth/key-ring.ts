import { InvalidSettings } from "../settings/invalid-settings.ts";
import type { Log } from "../telemetry/log.ts";
import { findKey, type KnownKey, knownKeys, type SpecialKeys, sha256 } from "./api-keys.ts";
import { changes, readKeyFile } from "./key-file.ts";
import type { Principal } from "./principal.ts";

const pollMs = 1_000;

/** The owner of a key, and whether the key is gone since it was found. */
export interface KeyOwner {
  principal: Principal;
  isRevoked(): boolean;
}

/** The API keys that are valid now. */
export interface KeyRing {
  /** Finds the owner of a key. If API_KEYS_FILE has changed, it is read first. */
  find(key: string): Promise<KeyOwner | undefined>;
  /** Reads API_KEYS_FILE again. */
  reload(): void;
  close(): void;
}

export interface KeySettings {
  /** `key=user_id` or `key=*`. */
  apiKeys: readonly string[];
  /** Path of a file with more of them, one a line. */
  apiKeysFile?: string;
  specialKeys: SpecialKeys;
}

/** Throws InvalidSettings if the file cannot be used at the start. Later, the last valid keys stay in use. */
export function keyRing({ apiKeys, apiKeysFile: file, specialKeys }: KeySettings, log: Log): KeyRing {
  const hashed = (entries: readonly string[]) => knownKeys([...apiKeys, ...entries], specialKeys);
  let known = hashed(file === undefined ? [] : firstEntries(file));
  let owners = ownersOf(known);
  const changed = file === undefined ? undefined : changes(file);
  let refreshing: Promise<void> | undefined;

  function reload(): void {
    if (file === undefined) return;
    try {
      const entries = readKeyFile(file);
      known = hashed(entries);
      owners = ownersOf(known);
      log.info({ keys: entries.length }, "API_KEYS_FILE was read");
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      log.error({ problem }, "API_KEYS_FILE is not valid; the last valid keys stay in use");
    }
  }

  function refresh(): Promise<void> | undefined {
    refreshing ??= changed
      ?.pending()
      .then((isPending) => {
        if (isPending) reload();
      })
      .finally(() => {
        refreshing = undefined;
      });
    return refreshing;
  }

  const timer = file === undefined ? undefined : setInterval(refresh, pollMs).unref();
  return {
    async find(key) {
      await refresh();
      const hash = sha256(key);
      const found = findKey(known, hash);
      if (!found) return undefined;
      const { principal } = found;
      const id = hash.toString("hex");
      return { principal, isRevoked: () => owners.get(id) !== principal.userId };
    },
    reload,
    close: () => clearInterval(timer),
  };
}

/** The users by their keys' hashes: every socket asks every few seconds. */
function ownersOf(known: readonly KnownKey[]): Map<string, string> {
  return new Map(known.map(({ hash, principal }) => [hash.toString("hex"), principal.userId]));
}

function firstEntries(file: string): string[] {
  try {
    return readKeyFile(file);
  } catch (error) {
    throw new InvalidSettings([`API_KEYS_FILE: ${error instanceof Error ? error.message : error}`]);
  }
}
