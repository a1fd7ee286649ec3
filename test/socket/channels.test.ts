import { once } from "node:events";
import { describe, expect, it } from "vitest";
import type { Joined, Member } from "../../src/socket/channel.ts";
import { rawClient } from "./support/raw-client.ts";
import type { Assigns } from "./support/room-channel.ts";
import { serveRoom } from "./support/serve-room.ts";

const T = "room:a";
const ok = (response: unknown = {}) => ({ status: "ok", response });
const join = (ref = "1", topic = T, payload: unknown = {}) => [ref, ref, topic, "phx_join", payload];
const joined = (ref = "1", topic = T) => [ref, ref, topic, "phx_reply", ok()];
const unmatched = (ref: string, topic = T) => [
  null,
  ref,
  topic,
  "phx_reply",
  { status: "error", response: { reason: "unmatched topic" } },
];

/** A channel whose joins end when the test says so. */
function heldJoins() {
  const held: { member: Member<Assigns>; open(channel?: Partial<Joined>): void; fail(error: Error): void }[] = [];
  const channel = {
    join: (_payload: unknown, member: Member<Assigns>) =>
      new Promise<Joined>((resolve, reject) => {
        held.push({ member, open: (extra) => resolve({ handle: () => ok(), ...extra }), fail: reject });
      }),
  };
  return { routes: { "room:*": channel }, held };
}

describe("joining", () => {
  it("CASE 30: the 101st channel is refused, until one is left", async () => {
    const { url } = await serveRoom();
    const client = await rawClient(url);
    for (let at = 1; at <= 101; at += 1) client.send(join(`${at}`, `room:${at}`));
    const heard = await client.settled();
    expect(heard).toHaveLength(101);
    expect(heard[100]).toEqual([
      "101",
      "101",
      "room:101",
      "phx_reply",
      { status: "error", response: { reason: "too many channels joined" } },
    ]);
    client.send(["1", "x", "room:1", "phx_leave", {}], join("102", "room:102"));
    expect(await client.settled()).toContainEqual(joined("102", "room:102"));
  });

  it("CASE 30: joins that were replaced before they ended count too", async () => {
    const { routes } = heldJoins();
    const { url } = await serveRoom({ routes, limits: { channels: 3 } });
    const client = await rawClient(url);
    client.send(join("1"), join("2"), join("3"), join("4"));
    expect(await client.settled()).toMatchObject([["4", "4", T, "phx_reply", { status: "error" }]]);
  });

  it("CASE 33: any JSON may be the payload of a join", async () => {
    const { url } = await serveRoom();
    const client = await rawClient(url);
    for (const [at, payload] of [null, [1], "text", 7, true].entries())
      client.send(join(`${at}`, `room:${at}`, payload));
    expect(await client.settled()).toEqual([0, 1, 2, 3, 4].map((at) => joined(`${at}`, `room:${at}`)));
  });

  it("CASE 31: a join_ref that is an object is echoed and compared by value", async () => {
    const { url } = await serveRoom();
    const client = await rawClient(url);
    client.send([{ o: 1 }, "1", T, "phx_join", {}], [{ o: 1 }, "2", T, "ok", {}], [{ o: 2 }, "3", T, "ok", {}]);
    expect(await client.settled()).toEqual([
      [{ o: 1 }, "1", T, "phx_reply", ok()],
      [{ o: 1 }, "2", T, "phx_reply", ok()],
    ]);
  });

  it("CASE 36: what a channel pushes before its join has ended comes after the reply", async () => {
    const { routes, held } = heldJoins();
    const { url } = await serveRoom({ routes });
    const client = await rawClient(url);
    client.send(join());
    await client.settled();
    held[0]?.member.push("early", { n: 1 });
    held[0]?.open({ afterJoin: () => held[0]?.member.push("after", { n: 2 }) });
    expect([await client.frame(), await client.frame(), await client.frame()]).toEqual([
      joined(),
      ["1", null, T, "early", { n: 1 }],
      ["1", null, T, "after", { n: 2 }],
    ]);
  });

  it("CASE 35: messages wait for a pending join, and a denied join leaves them unmatched", async () => {
    const { routes, held } = heldJoins();
    const { url } = await serveRoom({ routes });
    const client = await rawClient(url);
    client.send(join(), ["1", "2", T, "ok", {}], ["0", "3", T, "ok", {}], ["1", "4", T, "phx_leave", {}]);
    expect(await client.settled()).toEqual([]);
    held[0]?.fail(new Error("no"));
    expect([await client.frame(), await client.frame(), await client.frame()]).toEqual([
      ["1", "1", T, "phx_reply", { status: "error", response: { reason: "join crashed" } }],
      unmatched("2"),
      ["1", "4", T, "phx_reply", ok()],
    ]);
  });

  it("SPEC 6.1: a join that the client gave up and began anew is cancelled: leave, join, one phx_close", async () => {
    const { routes, held } = heldJoins();
    const { url, sockets } = await serveRoom({ routes });
    const client = await rawClient(url);
    client.send(join("1"), ["1", "2", T, "phx_leave", {}], join("3"));
    expect(await client.settled()).toEqual([]);
    const left: string[] = [];
    held[1]?.open({ left: (reason) => left.push(`new ${reason}`) });
    expect([await client.frame(), await client.frame()]).toEqual([joined("3"), ["1", "1", T, "phx_close", {}]]);
    held[0]?.open({ left: (reason) => left.push(`old ${reason}`), afterJoin: () => left.push("old opened") });
    held[0]?.member.push("late", {});
    expect(await client.settled()).toEqual([]);
    expect(left).toEqual(["old replaced"]);
    expect(sockets.stats().channels).toBe(1);
  });

  it("a join that was left while it was pending never opens", async () => {
    const { routes, held } = heldJoins();
    const { url, sockets } = await serveRoom({ routes });
    const client = await rawClient(url);
    client.send(join(), ["1", "2", T, "phx_leave", {}]);
    await client.settled();
    const noticed: string[] = [];
    held[0]?.open({ left: (reason) => noticed.push(reason), afterJoin: () => noticed.push("opened") });
    expect([await client.frame(), await client.frame(), await client.frame()]).toEqual([
      joined(),
      ["1", "2", T, "phx_reply", ok()],
      ["1", "1", T, "phx_close", {}],
    ]);
    expect(noticed).toEqual(["left"]);
    expect(sockets.stats().channels).toBe(0);
  });

  it("a join whose socket went away while it was pending is told so", async () => {
    const { routes, held } = heldJoins();
    const { url, sockets } = await serveRoom({ routes });
    const client = await rawClient(url);
    client.send(join());
    await client.settled();
    client.webSocket.terminate();
    await expect.poll(() => sockets.stats().sockets).toBe(0);
    const left = new Promise((resolve) => held[0]?.open({ left: resolve }));
    expect(await left).toBe("closed");
    expect(sockets.stats()).toEqual({ sockets: 0, longPollSessions: 0, channels: 0 });
  });

  it("a join reply that cannot be encoded is a crashed join", async () => {
    const { routes, held } = heldJoins();
    const { url } = await serveRoom({ routes });
    const client = await rawClient(url);
    client.send(join());
    await client.settled();
    const left = new Promise((resolve) => held[0]?.open({ response: 1n, left: resolve }));
    expect(await left).toBe("crashed");
    expect(await client.frame()).toMatchObject([
      "1",
      "1",
      T,
      "phx_reply",
      { status: "error", response: { reason: "join crashed" } },
    ]);
  });
});

describe("messages", () => {
  it("CASE 43: a broadcast reaches every member once, and broadcast_from all but the sender", async () => {
    const { url, sockets } = await serveRoom();
    const [one, two] = [await rawClient(url), await rawClient(url)];
    one.send(join("1"));
    two.send(join("9"));
    await Promise.all([one.settled(), two.settled()]);
    one.send(["1", "2", T, "bcast", { a: 1 }], ["1", "3", T, "bcast_from", { b: 2 }]);
    expect(await one.settled()).toEqual([
      [null, null, T, "bc", { a: 1 }],
      ["1", "2", T, "phx_reply", ok()],
      ["1", "3", T, "phx_reply", ok()],
    ]);
    expect(await two.settled()).toEqual([
      [null, null, T, "bc", { a: 1 }],
      [null, null, T, "bc", { b: 2 }],
    ]);
    sockets.broadcast(T, "hello", { via: "endpoint" });
    expect(await two.settled()).toEqual([[null, null, T, "hello", { via: "endpoint" }]]);
  });

  it("CASE 43: a broadcast reaches V1 and V2 members, each in its own form", async () => {
    const { url, sockets } = await serveRoom();
    const [v1, v2] = [await rawClient(url, "1.0.0"), await rawClient(url)];
    v1.send({ topic: T, event: "phx_join", payload: {}, ref: "1" });
    v2.send(join());
    await Promise.all([v1.settled(), v2.settled()]);
    sockets.broadcast(T, "hi", { x: "é😀" });
    sockets.broadcast(T, "bytes", new Uint8Array([1]));
    sockets.broadcast(T, "broken", { n: 1n });
    expect(await v1.settled()).toEqual([{ topic: T, event: "hi", payload: { x: "é😀" }, ref: null }]);
    expect(await v2.settled()).toEqual([
      [null, null, T, "hi", { x: "é😀" }],
      { bin: Buffer.from([2, 6, 5, ...Buffer.from(`${T}bytes`), 1]).toString("hex") },
    ]);
  });

  it("CASE 23: heartbeats are answered while 100 channels are busy", async () => {
    const { url } = await serveRoom();
    const client = await rawClient(url);
    for (let at = 0; at < 100; at += 1) client.send(join(`${at}`, `room:${at}`));
    await client.settled();
    for (let at = 0; at < 100; at += 1) client.send([`${at}`, `s${at}`, `room:${at}`, "slow", { ms: 300 }]);
    expect(await client.settled()).toEqual([]);
    for (let at = 0; at < 100; at += 1) expect(await client.frame()).toMatchObject({ 4: ok({ slept: true }) });
  });

  it("CASE 53: characters beyond ASCII travel unescaped, and lengths in binary frames are bytes (CASE 79)", async () => {
    const { url } = await serveRoom();
    const client = await rawClient(url);
    client.send(join("1", "room:é"));
    await client.settled();
    client.webSocket.send('["1","2","room:é","echo",{"a":"\\ud83d\\ude00"}]');
    const [raw] = await once(client.webSocket, "message");
    expect(raw.toString()).toContain('"😀"');
    await client.next();
    const topic = Buffer.from("room:é");
    const text = Buffer.concat([Buffer.from("13"), topic, Buffer.from("bin")]);
    client.webSocket.send(Buffer.concat([Buffer.from([0, 1, 1, topic.length, 3]), text, Buffer.from([7])]));
    const push = Buffer.concat([Buffer.from([0, 1, topic.length, 7]), Buffer.from("1"), topic, Buffer.from("binpush")]);
    expect(await client.next()).toEqual({ bin: `${push.toString("hex")}0908` });
  });

  it("CASE 74: __proto__ and constructor in a payload are data", async () => {
    const { url } = await serveRoom();
    const client = await rawClient(url);
    client.send(join());
    await client.settled();
    client.webSocket.send('["1","2","room:a","echo",{"__proto__":{"polluted":1},"constructor":{"prototype":{"x":1}}}]');
    const [raw] = await once(client.webSocket, "message");
    expect(raw.toString()).toContain('{"__proto__":{"polluted":1},"constructor":{"prototype":{"x":1}}}');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it("CASE 70: a payload that nests too deeply is refused where it would be handled, and only there", async () => {
    const { url, room } = await serveRoom();
    const client = await rawClient(url);
    const deep = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
    client.webSocket.send(`["1","1","${T}","phx_join",${deep(500)}]`);
    client.send(join("2"));
    client.webSocket.send(`["2","3","${T}","echo",${deep(5000)}]`);
    client.webSocket.send(`["2","4","${T}","echo",${deep(33)}]`);
    client.webSocket.send(`["2","5","${T}","ok",${deep(32)}]`);
    client.webSocket.send(`["2","6","room:other","ok",${deep(5000)}]`);
    client.webSocket.send(`["2","7","${T}","echo",{"a":"${"[{".repeat(500)}\\"[[["}]`);
    const invalid = { status: "error", response: { reason: "invalid_payload" } };
    expect(await client.settled()).toMatchObject([
      ["1", "1", T, "phx_reply", invalid],
      joined("2"),
      ["2", "3", T, "phx_reply", invalid],
      ["2", "4", T, "phx_reply", invalid],
      ["2", "5", T, "phx_reply", ok()],
      unmatched("6", "room:other"),
      ["2", "7", T, "phx_reply", { status: "ok" }],
    ]);
    expect(room.handled).toHaveLength(2);
    client.webSocket.send(`["2",${deep(5000)},"${T}","echo",{}]`);
    expect(await client.next()).toMatchObject({ close: 1011 });
  });

  it("messages beyond those that may wait are refused as busy, and a leave still gets through", async () => {
    const { url } = await serveRoom({ limits: { pendingMessages: 2 } });
    const client = await rawClient(url);
    client.send(join(), ["1", "2", T, "slow", { ms: 50 }], ["1", "3", T, "ok", {}], ["1", "4", T, "ok", {}]);
    client.send(["1", "5", T, "ok", {}], ["1", "6", T, "phx_leave", {}], ["1", "7", T, "ok", {}]);
    const heard = [];
    for (let at = 0; at < 7; at += 1) heard.push(await client.frame());
    expect(heard).toMatchObject([
      joined(),
      ["1", "5", T, "phx_reply", { status: "error", response: { reason: "busy" } }],
      ["1", "2", T, "phx_reply", ok({ slept: true })],
      ["1", "3", T, "phx_reply", ok()],
      ["1", "4", T, "phx_reply", ok()],
      ["1", "6", T, "phx_reply", ok()],
      ["1", "1", T, "phx_close", {}],
    ]);
    expect(await client.settled()).toEqual([]);
  });
});

describe("the end of a channel", () => {
  it("CASE 61: a denied second join ends the first one all the same", async () => {
    const { url, room } = await serveRoom();
    const client = await rawClient(url);
    client.send(join("1"), join("2", T, { deny: "full" }), ["1", "3", T, "ok", {}]);
    expect(await client.settled()).toEqual([
      joined("1"),
      ["2", "2", T, "phx_reply", { status: "error", response: { reason: "full" } }],
      ["1", "1", T, "phx_close", {}],
      unmatched("3"),
    ]);
    expect(room.ended).toEqual([{ topic: T, reason: "replaced" }]);
  });

  it("CASE 62: a late reply of the old generation never appears", async () => {
    const { url, room } = await serveRoom();
    const client = await rawClient(url);
    client.send(join("1"), ["1", "2", T, "slow", { ms: 50 }], ["1", "3", T, "async", {}], join("4"));
    client.send(["4", "5", T, "slow", { ms: 400 }]);
    const heard = [await client.frame(), await client.frame(), await client.frame(), await client.frame()];
    expect(heard).toEqual([
      joined("1"),
      joined("4"),
      ["1", "1", T, "phx_close", {}],
      ["4", "5", T, "phx_reply", ok({ slept: true })],
    ]);
    expect(room.members.size).toBe(1);
  });

  it("CASE 65: what waits behind a crash is answered", async () => {
    const { url, room } = await serveRoom();
    const client = await rawClient(url);
    client.send(join(), ["1", "2", T, "slow", { ms: 30 }], ["1", "3", T, "boom", {}], ["1", "4", T, "echo", {}]);
    client.send(["1", "5", T, "phx_leave", {}]);
    const heard = [];
    for (let at = 0; at < 5; at += 1) heard.push(await client.frame());
    expect(heard.slice(2)).toEqual([
      ["1", "1", T, "phx_error", { reason: "channel_crash" }],
      unmatched("4"),
      ["1", "5", T, "phx_reply", ok()],
    ]);
    expect(room.ended).toEqual([{ topic: T, reason: "crashed" }]);
  });

  it("CASE 66: when the socket closes, every channel is told", async () => {
    const { url, room, sockets } = await serveRoom();
    const client = await rawClient(url);
    client.send(join("1"), join("2", "room:b"), ["2", "3", "room:b", "slow", { ms: 50 }]);
    await client.settled();
    client.webSocket.terminate();
    await expect.poll(() => sockets.stats().sockets).toBe(0);
    expect(room.ended).toEqual([
      { topic: T, reason: "closed" },
      { topic: "room:b", reason: "closed" },
    ]);
    expect(sockets.stats().channels).toBe(0);
  });

  it("a thousand joins and leaves leave nothing behind", async () => {
    const { url, room, sockets } = await serveRoom();
    const client = await rawClient(url);
    for (let at = 0; at < 1000; at += 1) client.send(join(`${at}`), [`${at}`, `l${at}`, T, "phx_leave", {}]);
    expect(await client.settled()).toHaveLength(3000);
    expect(sockets.stats().channels).toBe(0);
    expect([room.members.size, room.ended.length]).toEqual([0, 1000]);
  });
});
