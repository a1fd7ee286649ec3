import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, describe, expect, it } from "vitest";

import type { Connection, Conversation } from "../../packages/client/conversation.ts";
import { start, unlimited } from "../support/start.ts";
import { tcpProxy } from "../support/tcp-proxy.ts";
import { page } from "./support.ts";

const server = await start(unlimited);
afterAll(() => server.close());

/** A server that refuses every connection, and counts them. */
async function refusing() {
  const asked = { upgrades: 0, gets: 0 };
  const body = JSON.stringify({ reason: "rate_limited", message: "Too many connections." });
  const http = createServer((_request, response) => {
    asked.gets += 1;
    response.writeHead(429).end(body);
  });
  http.on("upgrade", (_request, socket) => {
    asked.upgrades += 1;
    socket.end(`HTTP/1.1 429 Too Many Requests\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/socket`, // it listens on TCP
    asked,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

const connection = ({ store }: Conversation): Connection => store.outline.getSnapshot().connection;

describe("the connection", () => {
  it("is connecting, open, and left", async () => {
    await using mine = page(server.url, randomUUID());
    expect(connection(mine.conversation)).toEqual({ state: "connecting" });
    await mine.conversation.joined;
    expect(connection(mine.conversation)).toEqual({ state: "open" });
    mine.conversation.leave();
    expect(connection(mine.conversation)).toEqual({ state: "left" });
  });

  it("reconnects after a loss, without a reason as long as the server cannot be reached", async () => {
    const proxy = await tcpProxy(server.http);
    await using mine = page(`${proxy.url.replace("http", "ws")}socket`, randomUUID());
    await mine.conversation.joined;
    const told: Connection[] = [];
    mine.conversation.on("connection", (next) => told.push(next));
    await proxy[Symbol.asyncDispose]();
    await expect.poll(() => told).toEqual([{ state: "open" }, { state: "reconnecting" }]);
  });

  it("is refused with the server's reason if the key is wrong", async () => {
    await using mine = page(server.url, randomUUID(), {}, "wrong");
    await expect
      .poll(() => connection(mine.conversation))
      .toMatchObject({ state: "refused", error: { name: "ConversationError", code: "unauthorized" } });
  });

  it("is refused if the conversation belongs to another user", async () => {
    const id = randomUUID();
    await using owner = page(server.url, id);
    await owner.conversation.joined;
    await using other = page(server.url, id, {}, "key-b");
    await expect(other.conversation.joined).rejects.toMatchObject({ code: "not_found" });
    expect(connection(other.conversation)).toMatchObject({ state: "refused", error: { code: "not_found" } });
    await expect(other.conversation.ask("Hello?").accepted).rejects.toMatchObject({ code: "not_found" });
  });

  it("is asked about once for many attempts", async () => {
    await using door = await refusing();
    await using mine = page(door.url, randomUUID());
    await expect
      .poll(() => connection(mine.conversation))
      .toMatchObject({ state: "refused", error: { code: "rate_limited", message: "Too many connections." } });
    await expect.poll(() => door.asked.upgrades).toBeGreaterThan(3);
    expect(door.asked.gets).toBe(1);
  });

  it("tells a refusal once for many attempts", async () => {
    await using door = await refusing();
    const told: Connection["state"][] = [];
    const connection = ({ state }: Connection) => void told.push(state);
    await using _mine = page(door.url, randomUUID(), { on: { connection } });
    await expect.poll(() => door.asked.upgrades).toBeGreaterThan(3);
    expect(told).toEqual(["refused"]);
  });

  it("opens once the server accepts what it refused before", async () => {
    let key = "wrong";
    await using mine = page(server.url, randomUUID(), {}, () => key);
    await expect.poll(() => connection(mine.conversation)).toMatchObject({ error: { code: "unauthorized" } });
    key = "key-a";
    await expect.poll(() => connection(mine.conversation)).toEqual({ state: "open" });
  });
});
