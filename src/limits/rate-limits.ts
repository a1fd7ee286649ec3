import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

import type { Config } from "../config.ts";

/** Counts one use. Resolves to 0 if it is allowed, otherwise to the ms until the next use is. */
export type Limit = (key: string) => Promise<number>;

export interface RateLimits {
  /** Per user. */
  messages: Limit;
  pushes: Limit;
  joins: Limit;
  /** Per IP address. */
  connections: Limit;
  refused: Limit;
}

export function rateLimits(config: Config): RateLimits {
  return {
    messages: perMinute(config.RATE_LIMIT_MESSAGES),
    pushes: perMinute(config.RATE_LIMIT_PUSHES),
    joins: perMinute(config.RATE_LIMIT_JOINS),
    connections: perMinute(config.RATE_LIMIT_CONNECTIONS),
    refused: perMinute(config.RATE_LIMIT_REFUSED),
  };
}

function perMinute(points: number): Limit {
  if (points === 0) return async () => 0;
  const limiter = new RateLimiterMemory({ points, duration: 60 });
  return async (key) => {
    try {
      await limiter.consume(key);
      return 0;
    } catch (rejection) {
      if (rejection instanceof RateLimiterRes) return Math.max(1, Math.ceil(rejection.msBeforeNext));
      throw rejection;
    }
  };
}
