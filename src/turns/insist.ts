import { setTimeout as sleep } from "node:timers/promises";

import type { Log } from "../telemetry/log.ts";

const firstPauseMs = 250;
const longestPauseMs = 10_000;

/**
 * Does again what has to be done, with growing pauses, for as long as the store cannot: a full or locked disk delays the end of a turn
 * but does not lose it. Undefined when it cannot be done before the server ends.
 */
export function insistence(draining: AbortSignal, log: Log) {
  return async function insist<T>(what: string, attempt: () => Promise<T>): Promise<T | undefined> {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      try {
        return await attempt();
      } catch (error) {
        log.error({ err: error, pause_ms: pauseMs }, `could not ${what}, trying again`);
        if (draining.aborted) return undefined;
        await sleep(pauseMs, undefined, { signal: draining }).catch(() => {});
      }
    }
  };
}
