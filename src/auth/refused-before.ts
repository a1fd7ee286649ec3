import { createHash } from "node:crypto";

import { LRUCache } from "lru-cache";

import type { ConnectAttempt } from "../phoenix/channel.ts";

/** The credentials that were refused within the last minute, as hashes. A client with a wrong key repeats it without end. */
export function refusedBefore() {
  const hashes = new LRUCache<string, true>({ max: 10_000, ttl: 60_000 });
  return {
    has: (attempt: ConnectAttempt) => hashes.has(hashOf(attempt)),
    add: (attempt: ConnectAttempt) => void hashes.set(hashOf(attempt), true),
    delete: (attempt: ConnectAttempt) => void hashes.delete(hashOf(attempt)),
  };
}

function hashOf({ params, authToken }: ConnectAttempt): string {
  const credentials = JSON.stringify([params.api_key, params.token, authToken]);
  return createHash("sha256").update(credentials).digest("base64");
}
