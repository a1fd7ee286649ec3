import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";

import type { LiveEvent } from "../../src/turns/bus.ts";
import { gate } from "../support/gate.ts";
import { twoNodes } from "./support/two-nodes.ts";

type Nodes = Awaited<ReturnType<typeof twoNodes>>;

const ends = (events: LiveEvent[]) => events.filter(({ type }) => type === "ended");

/** The answer as a member has it. */
function shown(events: LiveEvent[], turnId: string): string {
  let text = "";
  let restarts = 0;
  for (const event of events) {
    if (event.type !== "text" || event.turnId !== turnId) continue;
    if (event.restarts !== restarts) text = "";
    restarts = event.restarts;
    expect(event.offset).toBe(text.length);
    text += event.text;
  }
  return text;
}

async function turn({ store }: Nodes, conversationId: string, turnId: string) {
  const found = await store.history.turn(conversationId, turnId);
  if (!found) throw new Error("There is no such turn.");
  return found;
}

const until = (nodes: Nodes, id: string, turnId: string, status: string) =>
  expect.poll(async () => (await turn(nodes, id, turnId)).status, { interval: 10 }).toBe(status);

describe("two nodes with one store, and no bus between them", () => {
  it("stop each other's turns within a second and a half, and keep the partial answer", async () => {
    await using nodes = await twoNodes({ hasBus: false });
    const { a, b, model } = nodes;
    const id = randomUUID();
    const seen = a.watch(id);
    const door = gate();
    model.next({ chunks: ["Half", " and more"], gate: door });
    const turnId = await a.ask(id, "Why?");
    door.release();
    await expect.poll(() => shown(seen, turnId)).toBe("Half");
    const began = performance.now();
    await expect(b.turns.stop(id, turnId)).resolves.toMatchObject({ stopped: true });
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(await turn(nodes, id, turnId)).toMatchObject({ status: "stopped", outcome: { response: "Half" } });
    expect(ends(seen)).toHaveLength(1);
    await expect(b.turns.stop(id, turnId)).resolves.toMatchObject({ stopped: false });
  });

  it("replace each other's turns", async () => {
    await using nodes = await twoNodes({ hasBus: false });
    const { a, b, model } = nodes;
    const id = randomUUID();
    model.next({ chunks: ["Never"], gate: gate() });
    const first = await a.ask(id, "1?");
    const second = await b.ask(id, "2?", "replace");
    await until(nodes, id, second, "completed");
    expect((await turn(nodes, id, first)).status).toBe("stopped");
  });

  it("end each other's session, and say nothing more", async () => {
    await using nodes = await twoNodes({ hasBus: false });
    const { a, b, model } = nodes;
    const id = randomUUID();
    const seen = a.watch(id);
    const door = gate();
    model.next({ chunks: ["Half", " and more"], gate: door });
    const turnId = await a.ask(id, "Why?");
    door.release();
    await expect.poll(() => shown(seen, turnId)).toBe("Half");
    const request = await model.waitForRequest(1);
    const { proceed } = await b.turns.reset(id);
    proceed();
    await request.closed;
    expect(request.closedByClientAt).toBeDefined();
    expect(shown(seen, turnId)).toBe("Half");
    expect(ends(seen)).toEqual([]);
    expect(await turn(nodes, id, turnId)).toMatchObject({ status: "stopped", outcome: undefined });
  });

  it("run what was accepted by either in order, and each at once after the one before", async () => {
    await using nodes = await twoNodes({ hasBus: false });
    const { a, b, model } = nodes;
    const id = randomUUID();
    const door = gate();
    model.next({ text: "1", gate: door });
    const first = await a.ask(id, "1?");
    const others = [await b.ask(id, "2?"), await a.ask(id, "3?"), await b.ask(id, "4?")];
    await model.waitForRequest(1);
    const began = performance.now();
    door.open();
    for (const turnId of [first, ...others]) await until(nodes, id, turnId, "completed");
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(model.requests.map(({ user }) => user)).toEqual(["1?", "2?", "3?", "4?"]);
  });

  it("remember what was said on the other one", async () => {
    await using nodes = await twoNodes({ hasBus: false });
    const { a, b, model } = nodes;
    const id = randomUUID();
    const saidBefore = async (node: Nodes["a"], query: string) => {
      const before = model.requests.length;
      await until(nodes, id, await node.ask(id, query), "completed");
      return model.requests[before]?.messages.filter(({ role }) => role === "user").map(({ content }) => content);
    };
    await saidBefore(a, "1?");
    await saidBefore(a, "2?");
    await saidBefore(b, "3?");
    expect(await saidBefore(a, "4?")).toEqual(["1?", "2?", "3?", "4?"]);
    expect(await saidBefore(b, "5?")).toEqual(["1?", "2?", "3?", "4?", "5?"]);
  });

  it("go on with a turn whose node is gone", async () => {
    await using nodes = await twoNodes({ hasBus: false });
    const { a, b, model } = nodes;
    const id = randomUUID();
    const seen = b.watch(id);
    model.next({ chunks: ["Never"], gate: gate() });
    const turnId = await a.ask(id, "Why?");
    await model.waitForRequest(1);
    await a.vanish();
    const began = performance.now();
    await until(nodes, id, turnId, "completed");
    expect(performance.now() - began).toBeLessThan(6_000);
    expect(await turn(nodes, id, turnId)).toMatchObject({ attempt: 2, outcome: { response: "Answer to: Why?" } });
    expect(ends(seen)).toHaveLength(1);
  });

  it("stop a turn whose node is gone instead of running it again", async () => {
    await using nodes = await twoNodes({ hasBus: false });
    const { a, b, model } = nodes;
    const id = randomUUID();
    model.next({ chunks: ["Never"], gate: gate() });
    const turnId = await a.ask(id, "Why?");
    await model.waitForRequest(1);
    await a.vanish();
    await expect(b.turns.stop(id, turnId)).resolves.toMatchObject({ stopped: true });
    expect(model.requests).toHaveLength(1);
  });
});

describe("two nodes with a bus", () => {
  it("stop each other's turns at once", async () => {
    await using nodes = await twoNodes();
    const { a, b, model } = nodes;
    const id = randomUUID();
    model.next({ chunks: ["Never"], gate: gate() });
    const turnId = await a.ask(id, "Why?");
    await model.waitForRequest(1);
    const began = performance.now();
    await expect(b.turns.stop(id, turnId)).resolves.toMatchObject({ stopped: true });
    expect(performance.now() - began).toBeLessThan(240);
  });

  it("take over from one that drains at once, with all that is queued there", async () => {
    await using nodes = await twoNodes();
    const { a, model } = nodes;
    const id = randomUUID();
    model.next({ chunks: ["Never"], gate: gate() });
    const asked = [await a.ask(id, "1?"), await a.ask(id, "2?")];
    await model.waitForRequest(1);
    const began = performance.now();
    await a.runner.drain(100);
    for (const turnId of asked) await until(nodes, id, turnId, "completed");
    expect(performance.now() - began).toBeLessThan(800);
    expect(await turn(nodes, id, asked[0] ?? "")).toMatchObject({ attempt: 2 });
  });
});

describe("a node that loses its store", () => {
  it("for less than a lease runs on", async () => {
    await using nodes = await twoNodes({ hasBus: false });
    const { a, model } = nodes;
    const id = randomUUID();
    const seen = a.watch(id);
    const door = gate();
    model.next({ text: "Because.", gate: door });
    const turnId = await a.ask(id, "Why?");
    await model.waitForRequest(1);
    a.cut();
    door.open();
    await expect.poll(() => shown(seen, turnId)).toBe("Because.");
    expect(ends(seen)).toEqual([]);
    a.mend();
    await until(nodes, id, turnId, "completed");
    expect(await turn(nodes, id, turnId)).toMatchObject({ attempt: 1, outcome: { response: "Because." } });
    expect(ends(seen)).toHaveLength(1);
  });

  it("falls silent when its lease may be over, and goes on once the store is back, without counting a crash", async () => {
    await using nodes = await twoNodes({ hasBus: false });
    const { a, b, model } = nodes;
    await b.close();
    const id = randomUUID();
    const seen = a.watch(id);
    const door = gate();
    model.next({ chunks: ["Half", " and more"], gate: door });
    const turnId = await a.ask(id, "Why?");
    door.release();
    await expect.poll(() => shown(seen, turnId)).toBe("Half");
    a.cut();
    const cutAt = performance.now();
    const request = await model.waitForRequest(1);
    await request.closed;
    expect(request.closedByClientAt).toBeLessThan(cutAt + 3_500);
    expect(shown(seen, turnId)).toBe("Half");
    const again = gate();
    model.next({ text: "Because.", gate: again });
    a.mend();
    await model.waitForRequest(2);
    expect(await turn(nodes, id, turnId)).toMatchObject({ status: "running", attempt: 2, crashes: 0 });
    again.open();
    await until(nodes, id, turnId, "completed");
    expect(shown(seen, turnId)).toBe("Because.");
    expect(ends(seen)).toHaveLength(1);
  });

  it("leaves the turn to another, and neither writes nor says anything of it later", async () => {
    await using nodes = await twoNodes({ hasBus: false });
    const { a, b, model } = nodes;
    const id = randomUUID();
    const [seen, seenElsewhere] = [a.watch(id), b.watch(id)];
    model.next({ chunks: ["Never"], gate: gate() });
    const turnId = await a.ask(id, "Why?");
    await model.waitForRequest(1);
    a.cut();
    await until(nodes, id, turnId, "completed");
    const told = seen.length;
    a.mend();
    expect(await turn(nodes, id, await a.ask(id, "And?"))).toMatchObject({ attempt: 1 });
    expect(seen.slice(told).filter((event) => "turnId" in event && event.turnId === turnId)).toEqual([]);
    expect(ends(seenElsewhere)).toHaveLength(1);
    expect(await turn(nodes, id, turnId)).toMatchObject({ attempt: 2, outcome: { response: "Answer to: Why?" } });
  });
});
