import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { join, joined, ok, T, unmatched } from "./support/frames.ts";
import { rawClient } from "./support/raw-client.ts";
import { serveRoom } from "./support/serve-room.ts";

describe("messages", () => {
  it("a broadcast reaches every member once; broadcast_from skips the sender", async () => {
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

  it("a broadcast reaches V1 and V2 members in their own format", async () => {
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

  it("heartbeats are answered while 100 channels are busy", async () => {
    const { url } = await serveRoom();
    const client = await rawClient(url);
    for (let at = 0; at < 100; at += 1) client.send(join(`${at}`, `room:${at}`));
    await client.settled();
    for (let at = 0; at < 100; at += 1) client.send([`${at}`, `s${at}`, `room:${at}`, "slow", { ms: 300 }]);
    expect(await client.settled()).toEqual([]);
    for (let at = 0; at < 100; at += 1) expect(await client.frame()).toMatchObject({ 4: ok({ slept: true }) });
  });

  it("non-ASCII text is sent unescaped, and lengths in binary frames are in bytes", async () => {
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

  it("__proto__ and constructor in a payload are plain data", async () => {
    const { url } = await serveRoom();
    const client = await rawClient(url);
    client.send(join());
    await client.settled();
    client.webSocket.send('["1","2","room:a","echo",{"__proto__":{"polluted":1},"constructor":{"prototype":{"x":1}}}]');
    const [raw] = await once(client.webSocket, "message");
    expect(raw.toString()).toContain('{"__proto__":{"polluted":1},"constructor":{"prototype":{"x":1}}}');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it("a payload nested too deeply is refused, but only if it would be handled", async () => {
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

  it("messages above the queue limit are refused as busy; a leave still gets through", async () => {
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
