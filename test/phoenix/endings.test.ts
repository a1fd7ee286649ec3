import { describe, expect, it } from "vitest";
import { join, joined, ok, T, unmatched } from "./support/frames.ts";
import { rawClient } from "./support/raw-client.ts";
import { serveRoom } from "./support/serve-room.ts";

describe("the end of a channel", () => {
  it("a denied second join still ends the first one", async () => {
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

  it("a late reply to a replaced join's message is not sent", async () => {
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

  it("messages waiting behind a crash are answered", async () => {
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

  it("every channel learns that its socket closed", async () => {
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
