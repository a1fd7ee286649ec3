import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";

import { start } from "../support/start.ts";
import { page } from "./support.ts";

const server = await start({ RATE_LIMIT_MESSAGES: "0" });
afterAll(() => server.close());
beforeEach(() => server.model.reset());

const simple = { options: { engine: "simple" as const } };

describe("a message that is too long", () => {
  it.for([
    { length: 70_000, why: "for a message" },
    { length: 2_000_000, why: "for a frame" },
  ])("$why is refused once, and the next one is answered", async ({ length }) => {
    await using mine = page(server.url, randomUUID());
    await mine.conversation.joined;
    const turn = mine.conversation.ask("x".repeat(length), simple);
    await expect(turn.response).rejects.toMatchObject({ code: "content_too_long" });
    expect((await mine.conversation.ask("Hello?", simple).response).response).toBe("Answer to: Hello?");
    expect(mine.named("joined")).toHaveLength(1);
  });

  it("does not close the socket in another event either", async () => {
    await using mine = page(server.url, randomUUID());
    const context = { result: "x".repeat(2_000_000) };
    await expect(mine.conversation.push("set_context", { context })).rejects.toMatchObject({ code: "invalid_payload" });
    await expect(mine.conversation.edit("1", context.result).accepted).rejects.toMatchObject({
      code: "content_too_long",
    });
    await expect(mine.conversation.push("set_context", { context: {} })).resolves.toEqual({ context: {} });
    expect(mine.named("joined")).toHaveLength(1);
  });
});

/** A server that closes the socket at a message larger than its limit; it accepts smaller ones. */
async function narrow(closeOn: (socket: WebSocket) => void) {
  const sockets = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(sockets, "listening");
  const received: string[] = [];
  sockets.on("connection", (socket) => {
    socket.on("message", (data: Buffer) => {
      const [joinRef, ref, topic, event, { id = "" }] = JSON.parse(data.toString());
      if (event === "message") received.push(id);
      const session = { session_id: "s", warnings: [] };
      const response = event === "phx_join" ? session : { turn_id: id, duplicate: false, position: 0 };
      if (data.length > 80_000) closeOn(socket);
      else socket.send(JSON.stringify([joinRef, ref, topic, "phx_reply", { status: "ok", response }]));
    });
  });
  return {
    url: `ws://127.0.0.1:${(sockets.address() as AddressInfo).port}`,
    received,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise((resolve) => sockets.close(resolve));
    },
  };
}

describe("what closed the socket", () => {
  it("with 1009 is not sent again; what was sent with it is", async () => {
    await using proxy = await narrow((socket) => socket.close(1009));
    await using mine = page(proxy.url, randomUUID());
    await mine.conversation.joined;
    const large = mine.conversation.ask("x".repeat(90_000), { id: "large" });
    const small = mine.conversation.ask("Hello?", { id: "small" });
    await expect(large.accepted).rejects.toMatchObject({ code: "content_too_long" });
    await expect(small.accepted).resolves.toMatchObject({ turn_id: "small" });
    expect(proxy.received.filter((id) => id === "large")).toHaveLength(1);
  });

  it("without a code is sent three times, and more slowly each time", async () => {
    await using proxy = await narrow((socket) => socket.terminate());
    await using mine = page(proxy.url, randomUUID());
    await mine.conversation.joined;
    const large = mine.conversation.ask("x".repeat(90_000), { id: "large" });
    await expect(large.accepted).rejects.toMatchObject({ code: "content_too_long" });
    expect(proxy.received).toEqual(["large", "large", "large"]);
    await expect(mine.conversation.ask("Hello?", { id: "small" }).accepted).resolves.toMatchObject({
      turn_id: "small",
    });
  });
});

it("connections that end at once are opened less and less often", async () => {
  await using door = await narrow(() => {});
  const opened: number[] = [];
  await using mine = page(door.url, randomUUID());
  mine.conversation.channel.on("unused", () => {});
  const { socket } = mine.conversation.channel as unknown as { socket: import("phoenix").Socket };
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.onOpen(() => {
    opened.push(performance.now());
    if (opened.length === 8) resolve();
    else mine.drop();
  });
  await promise;
  // phoenix.js alone would take less than 100 ms.
  expect((opened.at(-1) ?? 0) - (opened[0] ?? 0)).toBeGreaterThan(500);
});
