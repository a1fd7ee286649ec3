import { describe, expect, it } from "vitest";
import { longPollMember } from "./support/long-poll-member.ts";
import { poller } from "./support/poller.ts";
import { serveRoom } from "./support/serve-room.ts";

const T = "room:a";
const JOIN = ["1", "1", T, "phx_join", {}];
const ok = (response: unknown = {}) => ({ status: "ok", response });

describe("a long poll session", () => {
  it("after a disconnect, a waiting GET gets 204 and later requests get 410", async () => {
    const { client, token, sockets, poll } = await longPollMember();
    const { answer } = await poll();
    sockets.disconnect("user:someone");
    expect(await answer).toMatchObject({ status: 204 });
    expect(await client.post(token, [JOIN])).toEqual({ status: 410 });
    expect(await client.ask({ token })).toMatchObject({ status: 410 });
  });

  it("a drain delivers pending messages, then answers 500, so that clients reconnect", async () => {
    const { client, token, sockets } = await longPollMember();
    await client.post(token, [["1", "2", T, "slow", { ms: 100 }]]);
    const drained = sockets.drain({ spreadMs: 0, timeoutMs: 5000 });
    expect(await client.frames(token)).toEqual([["1", "2", T, "phx_reply", ok({ slept: true })]]);
    await drained;
    const draining = { status: 500, reason: "draining", message: "The server is about to restart." };
    expect(await client.ask({ token })).toEqual(draining);
    expect(await client.ask()).toEqual(draining);
  });

  it("a drain waits for a client between two polls to fetch its messages", async () => {
    const { client, token, sockets } = await longPollMember();
    sockets.broadcast(T, "last", {});
    const drained = sockets.drain({ spreadMs: 0, timeoutMs: 5000 });
    expect(sockets.stats().sockets).toBe(1);
    expect(await client.frames(token)).toEqual([[null, null, T, "last", {}]]);
    await drained;
  });

  it("without vsn it uses V1", async () => {
    const { port } = await serveRoom();
    const client = poller(port, "");
    const token = await client.open();
    await client.post(token, [{ topic: T, event: "phx_join", payload: {}, ref: "1" }]);
    expect(await client.frames(token)).toEqual([{ topic: T, event: "phx_reply", payload: ok(), ref: "1" }]);
  });

  it("connect gets the auth token from a header, and never the session token", async () => {
    const { port, attempts } = await serveRoom();
    const headers = { "x-phoenix-authtoken": "secret" };
    await poller(port).ask({ token: "stale", headers });
    expect(attempts[0]).toMatchObject({ authToken: "secret", transport: "longpoll", address: "127.0.0.1" });
    expect(attempts[0]?.params).not.toHaveProperty("token");
  });

  it("a poll acknowledges the previous poll's answer", async () => {
    const { client, token, room } = await longPollMember();
    const read: number[] = [];
    for (const member of room.members) member.push("a", {}, () => read.push(1));
    await client.frames(token);
    expect(read).toEqual([]);
    const next = client.ask({ token });
    await expect.poll(() => read).toEqual([1]);
    for (const member of room.members) member.push("b", {}, () => read.push(2));
    await next;
    expect(read).toEqual([1]);
  });

  it("unfetched messages are limited like any backlog", async () => {
    const { client, token, room, sockets } = await longPollMember({
      limits: { backlogBytes: 10_000, congestedBytes: 1000 },
    });
    const [member] = room.members;
    for (let at = 0; at < 9; at += 1) member?.push("piece", { text: "x".repeat(1000) });
    expect(member?.congested).toBe(true);
    const writable = new Promise<void>((resolve) => member?.whenWritable(resolve));
    expect(await client.frames(token)).toHaveLength(9);
    await writable;
    for (let at = 0; at < 20; at += 1) member?.push("piece", { text: "x".repeat(1000) });
    await expect.poll(() => sockets.stats().sockets).toBe(0);
    expect(await client.ask({ token })).toMatchObject({ status: 410 });
  });

  it("the number of sessions is limited", async () => {
    const { port } = await serveRoom({ limits: { longPollSessions: 1 } });
    expect(await poller(port).ask()).toMatchObject({ status: 410 });
    expect(await poller(port).ask()).toEqual({ status: 500 });
  });

  it("a body larger than a full batch is refused", async () => {
    const { client, token } = await longPollMember({ limits: { batchBytes: 200 } });
    const response = await fetch(`${client.url}&token=${token}`, { method: "POST", body: "x".repeat(5000) }).catch(
      () => undefined,
    );
    expect([413, undefined]).toContain(response?.status);
  });

  it("a cancelled poll loses no messages", async () => {
    const { client, token, server, sockets, poll } = await longPollMember();
    const given = new AbortController();
    const closed = new Promise((resolve) =>
      server.once("request", (_request, response) => response.once("close", resolve)),
    );
    const { answer } = await poll({ signal: given.signal });
    given.abort();
    await expect(answer).rejects.toThrow();
    await closed;
    sockets.broadcast(T, "kept", {});
    expect(await client.frames(token)).toEqual([[null, null, T, "kept", {}]]);
  });
});
