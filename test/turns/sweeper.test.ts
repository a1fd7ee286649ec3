import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Unfinished } from "../../src/store/turns.ts";
import { logger } from "../../src/telemetry/log.ts";
import { sweeper } from "../../src/turns/sweeper.ts";
import { newBus } from "./support/node.ts";

/** Conversations that nobody runs, and a runner with so many slots for each user. */
function unclaimed(
  count: number,
  { userOf = (_seq: number): string => "user-a", slots = Number.POSITIVE_INFINITY } = {},
) {
  let left: Unfinished[] = Array.from({ length: count }, (_, seq) => ({
    ...{ conversationId: `c-${seq}`, userId: userOf(seq), seq },
  }));
  const running = new Map<string, { userId: string; end: () => void }>();
  const bus = newBus();
  const limits: number[] = [];
  const sweep = sweeper({
    turns: {
      async unclaimed(limit) {
        limits.push(limit);
        return left.slice(0, limit);
      },
    },
    runner: {
      runIfFree(conversationId, userId) {
        const own = [...running.values()].filter((one) => one.userId === userId);
        if (own.length >= slots) return undefined;
        left = left.filter((one) => one.conversationId !== conversationId);
        const { promise, resolve } = Promise.withResolvers<void>();
        running.set(conversationId, { userId, end: resolve });
        return promise.finally(() => running.delete(conversationId));
      },
    },
    bus,
    log: logger("silent"),
  });
  return { running, bus, limits, sweep, left: () => left.length };
}

describe("the turns that nobody runs", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("are looked for at once, and then about once a second", async () => {
    const { limits, sweep } = unclaimed(0);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(limits.length).toBeGreaterThanOrEqual(8);
    expect(limits.length).toBeLessThanOrEqual(14);
    sweep.close();
    const looks = limits.length;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(limits).toHaveLength(looks);
  });

  it("start a bounded number at a time, the next as soon as one has ended", async () => {
    const { running, sweep, left } = unclaimed(5_000);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(running.size).toBe(64);
    for (const { end } of [...running.values()].slice(0, 10)) end();
    await vi.advanceTimersByTimeAsync(60);
    expect(running.size).toBe(64);
    expect(left()).toBe(4_926);
    sweep.close();
  });

  it("of others start although the oldest are those of a user without a free slot", async () => {
    const { running, sweep } = unclaimed(3_001, { userOf: (seq) => (seq < 3_000 ? "user-a" : "user-b"), slots: 8 });
    await vi.advanceTimersByTimeAsync(10_000);
    expect([...running.values()].map(({ userId }) => userId)).toContain("user-b");
    sweep.close();
  });

  it("start at once if a node says that it gives them up", async () => {
    const { running, bus, sweep } = unclaimed(0);
    bus.send({ type: "look", conversations: [{ conversationId: "given up", userId: "user-a" }] });
    expect([...running.keys()]).toEqual(["given up"]);
    sweep.close();
  });
});
