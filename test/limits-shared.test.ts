import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { sharedLimits } from "../src/limits/shared-limits.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface EvalOptions {
  keys: string[];
}

/** Counts as the script in Redis does, and can be away or slow. */
function counters() {
  const windows = new Map<string, { uses: number; endsAt: number }>();
  const redis = {
    isReady: true,
    delayMs: 0,
    calls: [] as string[],
    async eval(_script: string, { keys: [key = ""] }: EvalOptions): Promise<[number, number]> {
      redis.calls.push(key);
      if (redis.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, redis.delayMs));
      if (!redis.isReady) throw new Error("no connection");
      const now = performance.now();
      const open = windows.get(key);
      const window = open && open.endsAt > now ? open : { uses: 0, endsAt: now + 60_000 };
      window.uses += 1;
      windows.set(key, window);
      return [window.uses, window.endsAt - now];
    },
    flush: () => windows.clear(),
  };
  return redis;
}

const log = { warn() {} };

/** What the uses of one user give, one after the other. */
async function uses(limit: (userId: string) => Promise<number>, count: number): Promise<number[]> {
  const waits: number[] = [];
  for (let at = 0; at < count; at += 1) waits.push(await limit("user"));
  return waits;
}

it("nodes count together, and tell the rest to wait for the next minute", async () => {
  const redis = counters();
  const [one, other] = [sharedLimits(redis, log)("messages", 3), sharedLimits(redis, log)("messages", 3)];
  expect(await uses(one, 2)).toEqual([0, 0]);
  expect(await uses(other, 2)).toEqual([0, 60_000]);
  vi.advanceTimersByTime(59_000);
  expect(await uses(one, 1)).toEqual([1_000]);
  vi.advanceTimersByTime(1_000);
  expect(await uses(other, 1)).toEqual([0]);
});

it("a user over the limit is refused without asking Redis, whatever the clock says", async () => {
  const redis = counters();
  const limit = sharedLimits(redis, log)("messages", 1);
  await uses(limit, 2);
  const asked = redis.calls.length;
  vi.setSystemTime(Date.now() + 3_600_000);
  expect(await uses(limit, 2)).toEqual([60_000, 60_000]);
  vi.setSystemTime(Date.now() - 7_200_000);
  expect(await uses(limit, 1)).toEqual([60_000]);
  expect(redis.calls).toHaveLength(asked);
  vi.advanceTimersByTime(60_000);
  expect(await uses(limit, 1)).toEqual([0]);
});

it("while Redis is away, a node goes on with what it has counted", async () => {
  const redis = counters();
  const limit = sharedLimits(redis, log)("messages", 3);
  await uses(limit, 2);
  redis.isReady = false;
  expect(await uses(limit, 2)).toEqual([0, 60_000]);
});

it("a Redis that comes back empty gives nobody a second minute on the same node", async () => {
  const redis = counters();
  const limit = sharedLimits(redis, log)("messages", 3);
  await uses(limit, 2);
  redis.isReady = false;
  await uses(limit, 1);
  redis.flush();
  redis.isReady = true;
  expect(await uses(limit, 1)).toEqual([60_000]);
  vi.advanceTimersByTime(60_000);
  expect(await uses(limit, 4)).toEqual([0, 0, 0, 60_000]);
});

it("only the first use waits for a Redis that does not answer", async () => {
  const redis = counters();
  const limit = sharedLimits(redis, log)("messages", 3);
  redis.delayMs = 30_000;
  const first = limit("user");
  await vi.advanceTimersByTimeAsync(249);
  expect(await Promise.race([first, "waits"])).toBe("waits");
  await vi.advanceTimersByTimeAsync(2);
  expect(await first).toBe(0);
  expect(await uses(limit, 3)).toEqual([0, 0, 59_749]);
  expect(redis.calls).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(60_000);
  redis.delayMs = 0;
  expect(await uses(limit, 1)).toEqual([0]);
  expect(redis.calls).toHaveLength(2);
});

it("keys are short and plain, whatever the user is called", async () => {
  const redis = counters();
  const limit = sharedLimits(redis, log)("messages", 100);
  const names = ["", "a:b", "a\u0000b", "\ud800", "*", "x".repeat(1_000_000), "conversations:limit:pushes:user"];
  for (const name of names) expect(await limit(name)).toBe(0);
  expect(new Set(redis.calls).size).toBe(names.length);
  for (const key of redis.calls) expect(key).toMatch(/^conversations:limit:messages:[\w-]{43}$/);
});

it("a limit of 0 asks nobody", async () => {
  const redis = counters();
  expect(await uses(sharedLimits(redis, log)("messages", 0), 3)).toEqual([0, 0, 0]);
  expect(redis.calls).toEqual([]);
});
