import { createHash } from "node:crypto";

import { LRUCache } from "lru-cache";
import { RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";

import type { Limit } from "./rate-limits.ts";
import { Windows, windowMs } from "./windows.ts";

/** A client of Redis that knows whether it is connected. */
export interface Counters {
  readonly isReady: boolean;
}

interface Log {
  warn(fields: object, message: string): void;
}

/** A use waits this long for its count. */
const patienceMs = 250;

/** So many users over a limit are refused without asking Redis. */
const maxRefused = 10_000;

/** A window that lasts too long was begun before Redis's clock was set back. */
const script = `
local uses = redis.call('incrby', KEYS[1], ARGV[1])
local left = redis.call('pttl', KEYS[1])
local window = 1000 * tonumber(ARGV[2])
if left < 0 or left > window then
  redis.call('expire', KEYS[1], ARGV[2])
  left = window
end
return {uses, left}`;

/**
 * Limits that all nodes count together, in windows of a minute by Redis's clock. While Redis is away or slow, and a minute longer, each
 * node also goes by what it has counted itself: a change between the two gives nobody a second minute on the same node.
 */
export function sharedLimits(redis: Counters, log: Log): (name: string, maxUses: number) => Limit {
  /** Calls that were not waited for. While there are any, Redis is slow, and nobody waits for it. */
  let late = 0;
  let isLogged = false;

  /** The ms until the next use is allowed, 0 if this one is. Undefined if Redis cannot tell. */
  async function count(limiter: RateLimiterRedis, key: string): Promise<number | undefined> {
    try {
      await limiter.consume(key);
      isLogged = false;
      return 0;
    } catch (rejection) {
      if (rejection instanceof RateLimiterRes) return Math.max(1, rejection.msBeforeNext);
      if (redis.isReady && !isLogged) log.warn({ err: rejection }, "a limit could not be counted in Redis");
      isLogged = true;
      return undefined;
    }
  }

  async function countInTime(limiter: RateLimiterRedis, key: string): Promise<number | undefined> {
    if (!redis.isReady || late > 0) return undefined;
    const counted = count(limiter, key);
    const { promise: tooLate, resolve } = Promise.withResolvers<"late">();
    // A process that was busy itself gets to read the answer first.
    const timer = setTimeout(() => setImmediate(resolve, "late"), patienceMs);
    const first = await Promise.race([counted, tooLate]);
    clearTimeout(timer);
    if (first !== "late") return first;
    late += 1;
    void counted.then(() => {
      late -= 1;
    });
    return undefined;
  }

  return function limit(name, maxUses) {
    if (maxUses === 0) return async () => 0;
    const limiter = new RateLimiterRedis({
      storeClient: redis,
      useRedisPackage: true,
      customIncrTtlLuaScript: script,
      keyPrefix: `conversations:limit:${name}`,
      points: maxUses,
      duration: windowMs / 1_000,
    });
    const own = new Windows(maxUses);
    /** Until when users over the limit are refused. */
    const refusedUntil = new LRUCache<string, number>({ max: maxRefused });
    let isStrictUntil = 0;

    return async (userId) => {
      const key = keyOf(userId);
      const refusedMs = (refusedUntil.get(key) ?? 0) - performance.now();
      if (refusedMs > 0) return Math.ceil(refusedMs);
      const ownMs = own.use(key);
      const sharedMs = await countInTime(limiter, key);
      if (sharedMs === undefined) isStrictUntil = performance.now() + windowMs;
      else if (sharedMs > 0) refusedUntil.set(key, performance.now() + sharedMs);
      return sharedMs || (performance.now() < isStrictUntil ? ownMs : 0);
    };
  };
}

/** A user id may be of any length. */
function keyOf(userId: string): string {
  return createHash("sha256").update(userId).digest("base64url");
}
