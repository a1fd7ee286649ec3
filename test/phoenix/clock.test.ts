import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { longPollMember } from "./support/long-poll-member.ts";
import { rawClient } from "./support/raw-client.ts";
import { serveRoom } from "./support/serve-room.ts";

const hour = 3_600_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

it.each([hour, -hour])("a clock that is set by %s ms closes nobody", async (jump) => {
  const { url, sockets } = await serveRoom({
    connect: () => ({ assigns: { name: "someone" }, until: Date.now() + 60_000 }),
    limits: { idleMs: 2_000 },
  });
  const client = await rawClient(url);
  const { client: polling, token, sockets: others } = await longPollMember({ limits: { longPollWindowMs: 500 } });
  vi.setSystemTime(Date.now() + jump);
  for (let at = 0; at < 10; at += 1) {
    expect(await client.settled()).toEqual([]);
    expect((await polling.ask({ token })).status).toBeLessThan(300);
    if (at % 3 === 0) await polling.post(token, [[null, "1", "phoenix", "heartbeat", {}]]);
  }
  expect([sockets.stats().sockets, others.stats().sockets]).toEqual([1, 1]);
});

it.each([0, hour, -hour])("silence and an expired token still close, whatever the clock says: %s ms", async (jump) => {
  const soon = Date.now() + 300;
  const { url } = await serveRoom({
    connect: () => ({ assigns: { name: "someone" }, until: soon }),
    limits: { idleMs: 1_000 },
  });
  const client = await rawClient(url);
  vi.setSystemTime(Date.now() + jump);
  expect(await client.next()).toEqual({ close: 1001, reason: "expired" });
  const silent = await rawClient((await serveRoom({ limits: { idleMs: 300 } })).url);
  expect(await silent.next()).toEqual({ close: 1002, reason: "idle timeout" });
});
