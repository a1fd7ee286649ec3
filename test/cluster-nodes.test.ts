import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { openNodes } from "../src/cluster/nodes.ts";
import { channels } from "./support/channels.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Nodes that know each other, and what each heard of the others. */
async function nodes(count: number) {
  const shared = channels();
  const started = Array.from({ length: count }, (_, at) => {
    const line = shared.line();
    const node = openNodes(line, `card ${at}`);
    const events: string[] = [];
    node.onNew((id) => void events.push(`new ${id}`));
    node.onGone((id) => void events.push(`gone ${id}`));
    return { line, node, events };
  });
  await vi.advanceTimersByTimeAsync(0);
  return { shared, started };
}

it("nodes know each other at once, by ids that are never the same", async () => {
  const { started } = await nodes(3);
  const ids = started.map(({ node }) => node.id);
  expect(new Set(ids).size).toBe(3);
  for (const { node } of started)
    expect(node.others().toSorted()).toEqual(ids.filter((id) => id !== node.id).toSorted());
  const [first, second] = started;
  expect(first?.node.cardOf(second?.node.id ?? "")).toBe("card 1");
});

it("a node that is silent for 5 s is gone, and there again with its next heartbeat", async () => {
  const { started } = await nodes(2);
  const [one, other] = started;
  if (!one || !other) throw new Error("two nodes were started");
  one.events.length = 0;
  other.line.cut();
  await vi.advanceTimersByTimeAsync(4_000);
  expect(one.events).toEqual([]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(one.events).toEqual([`gone ${other.node.id}`]);
  expect(one.node.others()).toEqual([]);
  other.line.mend();
  await vi.advanceTimersByTimeAsync(0);
  expect(one.events).toEqual([`gone ${other.node.id}`, `new ${other.node.id}`]);
});

it("a node that leaves is gone at once", async () => {
  const { started } = await nodes(2);
  const [one, other] = started;
  await other?.node.close();
  await vi.advanceTimersByTimeAsync(0);
  expect(one?.node.others()).toEqual([]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(one?.node.others()).toEqual([]);
});

it("a process that was stopped hears the others before it gives them up", async () => {
  const { started } = await nodes(2);
  const [one, other] = started;
  if (!one || !other) throw new Error("two nodes were started");
  one.events.length = 0;
  const stoppedAt = performance.now();
  vi.spyOn(performance, "now").mockImplementation(() => stoppedAt + 30_000);
  await vi.advanceTimersToNextTimerAsync();
  vi.restoreAllMocks();
  expect(one.events).toEqual([]);
});

it("clocks of nodes that are set change nothing", async () => {
  const { started } = await nodes(2);
  const [one] = started;
  for (const hours of [1, -2]) {
    vi.setSystemTime(Date.now() + hours * 3_600_000);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(one?.node.others()).toHaveLength(1);
  }
  expect(one?.events.filter((event) => event.startsWith("gone"))).toEqual([]);
});

it("what is no heartbeat is ignored", async () => {
  const { shared, started } = await nodes(1);
  const line = shared.line();
  for (const message of [
    "",
    "null",
    "[]",
    "{",
    '{"id":1,"card":""}',
    JSON.stringify({ id: "x", card: "c".repeat(1_000) }),
  ])
    await line.publish("nodes", message);
  await vi.advanceTimersByTimeAsync(0);
  expect(started[0]?.node.others()).toEqual([]);
});
