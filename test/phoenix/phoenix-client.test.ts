import { once } from "node:events";
import { LongPoll, Socket } from "phoenix";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { serveRoom } from "./support/serve-room.ts";

const TRANSPORTS = { WebSocket, LongPoll };
const T = "room:lobby";
const opened: Socket[] = [];

function clientOf(url: string, name: keyof typeof TRANSPORTS, options: object = {}) {
  // phoenix's types only accept the browser's WebSocket.
  const transport = TRANSPORTS[name] as never;
  const socket = new Socket(url, { transport, reconnectAfterMs: () => 20, rejoinAfterMs: () => 20, ...options });
  opened.push(socket);
  socket.connect();
  return socket;
}

const settled = (push: { receive(status: string, callback: (response: unknown) => void): unknown }) =>
  new Promise((resolve, reject) => {
    push.receive("ok", resolve);
    push.receive("error", reject);
    push.receive("timeout", () => reject(new Error("timeout")));
  });

afterEach(() => {
  for (const socket of opened.splice(0)) socket.disconnect();
});

describe.each(["WebSocket", "LongPoll"] as const)("the stock client over %s", (transport) => {
  it("joins, echoes and leaves", async () => {
    const { url, room } = await serveRoom();
    const channel = clientOf(url, transport).channel(T, { reply: { hello: 1 } });
    expect(await settled(channel.join())).toEqual({ hello: 1 });
    expect(await settled(channel.push("echo", { text: "é😀" }))).toEqual({ text: "é😀" });
    await expect(settled(channel.push("err", { reason: "bad" }))).rejects.toEqual({ reason: "bad" });
    channel.leave();
    await expect.poll(() => room.ended).toEqual([{ topic: T, reason: "left" }]);
  });

  it("rejoins after a crash", async () => {
    const { url, room } = await serveRoom();
    const channel = clientOf(url, transport).channel(T);
    const errors: unknown[] = [];
    channel.onError((reason) => {
      errors.push(reason);
    });
    await settled(channel.join());
    channel.push("boom", {});
    await expect.poll(() => errors).toEqual([{ reason: "channel_crash" }]);
    await expect.poll(() => room.members.size).toBe(1);
    expect(await settled(channel.push("echo", { n: 1 }))).toEqual({ n: 1 });
  });

  it("reconnects after a disconnect", async () => {
    const { url, room, sockets } = await serveRoom();
    const channel = clientOf(url, transport).channel(T);
    await settled(channel.join());
    sockets.disconnect("user:someone");
    await expect.poll(() => room.ended).toEqual([{ topic: T, reason: "closed" }]);
    await expect.poll(() => room.members.size).toBe(1);
    await expect.poll(() => channel.state).toBe("joined");
    expect(await settled(channel.push("echo", { n: 2 }))).toEqual({ n: 2 });
  });

  it("joins the next server with fresh refs after a drain", async () => {
    const first = await serveRoom();
    const channel = clientOf(first.url, transport).channel(T);
    const refs: unknown[] = [];
    await settled(channel.join());
    refs.push((channel as unknown as { joinRef(): string }).joinRef());
    await first.sockets.drain({ spreadMs: 0, timeoutMs: 1000 });
    expect(first.room.ended).toEqual([{ topic: T, reason: "closed" }]);
    first.server.closeAllConnections();
    first.server.close();
    await once(first.server, "close");
    const second = await serveRoom();
    second.server.close();
    await once(second.server, "close");
    second.server.listen(first.port, "127.0.0.1");
    await expect.poll(() => second.room.members.size, { timeout: 5000 }).toBe(1);
    await expect.poll(() => channel.state).toBe("joined");
    refs.push((channel as unknown as { joinRef(): string }).joinRef());
    expect(refs[0]).not.toBe(refs[1]);
    expect(await settled(channel.push("echo", { n: 3 }))).toEqual({ n: 3 });
  });

  it("keeps the new channel after an immediate leave and rejoin", async () => {
    const { url, room } = await serveRoom();
    const socket = clientOf(url, transport);
    const old = socket.channel(T);
    await settled(old.join());
    const fresh = socket.channel(T);
    await settled(fresh.join());
    expect(await settled(fresh.push("echo", { n: 4 }))).toEqual({ n: 4 });
    expect(fresh.state).toBe("joined");
    expect(room.members.size).toBe(1);
  });

  it("sends its auth token", async () => {
    const { url, attempts } = await serveRoom();
    await settled(clientOf(url, transport, { authToken: "secret-token" }).channel(T).join());
    expect(attempts[0]?.authToken).toBe("secret-token");
  });
});

describe("the stock client's fallback", () => {
  it("uses long poll with the same channel when WebSockets are refused", async () => {
    const { url, server, sockets } = await serveRoom();
    server.removeAllListeners("upgrade");
    server.on("upgrade", (_request, connection) => connection.destroy());
    const channel = clientOf(url, "WebSocket", { longPollFallbackMs: 500 }).channel(T);
    await settled(channel.join());
    expect(sockets.stats().longPollSessions).toBe(1);
  });

  it("is not used when the WebSocket answers its ping", async () => {
    const { url, sockets } = await serveRoom();
    const channel = clientOf(url, "WebSocket", { longPollFallbackMs: 500 }).channel(T);
    await settled(channel.join());
    expect(await settled(channel.push("slow", { ms: 700 }))).toEqual({ slept: true });
    expect(sockets.stats()).toMatchObject({ sockets: 1, longPollSessions: 0 });
  });
});
