import { setTimeout as sleep } from "node:timers/promises";

import type { Log } from "../telemetry/log.ts";

const minPauseMs = 250;
const maxPauseMs = 10_000;

/**
 * Retries a store operation with growing pauses until it succeeds, so that a full or locked disk delays the end of a turn but does not lose it.
 * Once the server drains, a failed attempt is the last one, and the result is undefined.
 */
export function storeRetries(draining: AbortSignal, log: Log) {
  return async function retry<T>(what: string, attempt: () => Promise<T>): Promise<T | undefined> {
    for (let pauseMs = minPauseMs; ; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
      try {
        return await attempt();
      } catch (error) {
        log.error({ err: error, pause_ms: pauseMs }, `could not ${what}, will retry`);
        if (draining.aborted) return undefined;
        await sleep(pauseMs, undefined, { signal: draining }).catch(() => {});
      }
    }
  };
}
