import { once } from "node:events";
import { describe, expect, it } from "vitest";
import type { Joined, Member } from "../../src/phoenix/channel.ts";
import { rawClient } from "./support/raw-client.ts";
import type { Assigns } from "./support/room-channel.ts";
import { nothingOpen, serveRoom } from "./support/serve-room.ts";
import { upgrade } from "./support/upgrade.ts";

const T = "room:a";
const JOIN = ["1", "1", T, "phx_join", {}];

async function member(url: string, query = "") {
  const client = await rawClient(url, `2.0.0${query}`);
  client.send(JOIN);
  await client.frame();
  return client;
}

/** A channel whose members are busy while the test says so. */
function busyChannel() {
  const busy = new Set<string>();
  const members = new Map<string, Member<Assigns>>();
  const channel = {
    join(_payload: unknown, joined: Member<Assigns>): Joined {
      members.set(joined.assigns.name, joined);
      return { handle: () => undefined, busy: () => busy.has(joined.assigns.name) };
    },
  };
  return { busy, members, routes: { "room:*": channel } };
}

describe("the whole server", () => {
  it("disconnect closes only the sockets with that id, with 1001", async () => {
    const { url, sockets, room } = await serveRoom();
    const [one, two, other] = [
      await member(url, "&name=ann"),
      await member(url, "&name=ann"),
      await member(url, "&name=bob"),
    ];
    sockets.disconnect("user:ann");
    expect(await one.next()).toEqual({ close: 1001, reason: "disconnected" });
    expect(await two.next()).toEqual({ close: 1001, reason: "disconnected" });
    expect(await other.settled()).toEqual([]);
    expect(room.ended).toEqual([
      { topic: T, reason: "closed" },
      { topic: T, reason: "closed" },
    ]);
  });

  it("a drain lets a handler finish, then closes every socket with 1012", async () => {
    const { url, sockets } = await serveRoom();
    const [working, bare] = [await member(url), await rawClient(url)];
    working.send(["1", "2", T, "slow", { ms: 200 }]);
    await working.settled();
    const drained = sockets.drain({ spreadMs: 0, timeoutMs: 5000 });
    expect(await bare.next()).toMatchObject({ close: 1012 });
    expect(await working.frame()).toMatchObject({ 1: "2", 3: "phx_reply" });
    expect(await working.next()).toMatchObject({ close: 1012 });
    await drained;
    expect(sockets.stats().sockets).toBe(0);
  });

  it("a drain waits for busy channels up to its timeout and spreads the others", async () => {
    const { routes, busy } = busyChannel();
    const { url, port, sockets } = await serveRoom({ routes });
    const names = ["done", "stuck", "idle1", "idle2", "idle3"];
    const clients = new Map<string, Awaited<ReturnType<typeof member>>>();
    for (const name of names) clients.set(name, await member(url, `&name=${name}`));
    busy.add("done").add("stuck");
    const startedAt = performance.now();
    const closed = new Map(
      names.map((name) => {
        const end = once(clients.get(name)?.webSocket ?? fail(), "close");
        return [name, end.then(([code]) => ({ code, after: performance.now() - startedAt }))] as const;
      }),
    );
    const drained = sockets.drain({ spreadMs: 300, timeoutMs: 700 });
    expect(await upgrade(port, "/socket/websocket?vsn=2.0.0")).toMatchObject({ status: 503 });
    const idle = await Promise.all(["idle1", "idle2", "idle3"].map((name) => closed.get(name)));
    busy.delete("done");
    const [done, stuck] = await Promise.all([closed.get("done"), closed.get("stuck")]);
    await drained;
    for (const end of [...idle, done, stuck]) expect(end?.code).toBe(1012);
    const after = [...idle, done, stuck].map((end) => end?.after ?? 0);
    expect(after).toEqual(after.toSorted((one, other) => one - other));
    expect(stuck?.after).toBeGreaterThan(690);
  });

  it("close leaves nothing open", async () => {
    const { url, sockets, room } = await serveRoom();
    const client = await member(url);
    const before = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    const ended = once(client.webSocket, "close");
    await sockets.close();
    await ended;
    expect(sockets.stats()).toEqual(nothingOpen);
    expect(room.ended).toEqual([{ topic: T, reason: "closed" }]);
    expect(process.getActiveResourcesInfo().filter((name) => name === "Timeout").length).toBeLessThanOrEqual(before);
  });
});

describe("a slow client", () => {
  const PIECE = { text: "x".repeat(16 * 1024) };

  it("is congested, then closed when its backlog is full, without affecting others", async () => {
    const { routes, members } = busyChannel();
    const { url, sockets } = await serveRoom({ routes, limits: { closeMs: 200 } });
    const [slow, other] = [await member(url, "&name=slow"), await member(url, "&name=other")];
    slow.webSocket.pause();
    const slowMember = members.get("slow") ?? fail();
    const congestedAt: number[] = [];
    let pushes = 0;
    while (sockets.stats().channels === 2 && pushes < 5000) {
      if (slowMember.congested) congestedAt.push(pushes);
      slowMember.push("piece", PIECE);
      pushes += 1;
      if (pushes % 8 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(congestedAt.length).toBeGreaterThan(40);
    // After the first congested push, at most one backlog is buffered.
    expect(pushes - (congestedAt[0] ?? 0)).toBeLessThan(80);
    expect(await other.settled()).toEqual([]);
    await expect.poll(() => sockets.stats().sockets).toBe(1);
  });

  it("can be sent one frame of any size, and more while it is being written", async () => {
    const { routes, members } = busyChannel();
    const { url } = await serveRoom({ routes, limits: { backlogBytes: 100_000, congestedBytes: 10_000 } });
    const client = await member(url, "&name=ann");
    const ann = members.get("ann") ?? fail();
    client.webSocket.pause();
    ann.push("big", { text: "x".repeat(8_000_000) });
    ann.push("small", { n: 1 });
    expect(ann.congested).toBe(true);
    const writable = new Promise<void>((resolve) => ann.whenWritable(resolve));
    client.webSocket.resume();
    await writable;
    expect(ann.congested).toBe(false);
    expect(await client.frame()).toMatchObject({ 3: "big" });
    expect(await client.frame()).toMatchObject({ 3: "small" });
  });

  it("an uncongested member is writable at once", async () => {
    const { routes, members } = busyChannel();
    const { url } = await serveRoom({ routes });
    await member(url, "&name=ann");
    await new Promise<void>((resolve) => members.get("ann")?.whenWritable(resolve));
  });
});

describe("an acknowledgement", () => {
  it("runs on the second heartbeat after the push", async () => {
    const { routes, members } = busyChannel();
    const { url } = await serveRoom({ routes });
    const client = await member(url, "&name=ann");
    const read: number[] = [];
    members.get("ann")?.push("a", {}, () => read.push(1));
    await client.settled();
    expect(read).toEqual([]);
    members.get("ann")?.push("b", {}, () => read.push(2));
    await client.settled();
    expect(read).toEqual([1]);
    await client.settled();
    await client.settled();
    expect(read).toEqual([1, 2]);
  });

  it("does not run once the socket is closed; above the limit the oldest are dropped", async () => {
    const { routes, members } = busyChannel();
    const { url, logged } = await serveRoom({ routes, limits: { acknowledgements: 2 } });
    const client = await member(url, "&name=ann");
    const read: number[] = [];
    const ann = members.get("ann") ?? fail();
    for (const n of [1, 2, 3]) ann.push("a", {}, () => read.push(n));
    ann.push("b", {}, () => {
      throw new Error("in an acknowledgement");
    });
    await client.settled();
    await client.settled();
    expect(read).toEqual([3]);
    expect(logged.at(-1)).toMatchObject({ level: "error" });
    ann.push("c", {}, () => read.push(4));
    await client.settled();
    client.webSocket.terminate();
    expect(read).toEqual([3]);
  });
});

function fail(): never {
  throw new Error("a member is missing");
}
