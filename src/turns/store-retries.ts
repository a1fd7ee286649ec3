import { setTimeout as sleep } from "node:timers/promises";

import type { Log } from "../telemetry/log.ts";

const minPauseMs = 250;
const maxPauseMs = 1_000;

/** A failure that lasts is logged once in so many attempts. */
const silentAttempts = 30;

/**
 * Retries a store operation until it succeeds, so that a full disk, or a database that is away, delays the end of a turn but does not lose it.
 * Once the server drains, a failed attempt is the last one, and the result is undefined.
 */
export function storeRetries(draining: AbortSignal, log: Log) {
  return async function retry<T>(what: string, attempt: () => Promise<T>): Promise<T | undefined> {
    for (let failures = 0; ; failures += 1) {
      try {
        return await attempt();
      } catch (error) {
        const pauseMs = Math.min(minPauseMs * 2 ** failures, maxPauseMs);
        if (failures % silentAttempts === 0)
          log.error({ err: error, failures: failures + 1 }, `could not ${what}, will retry`);
        if (draining.aborted) return undefined;
        await sleep(pauseMs, undefined, { signal: draining }).catch(() => {});
      }
    }
  };
}
