import { once } from "node:events";
import { Agent, request } from "node:http";
import { createConnection, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";

import { upgrade } from "../phoenix/support/upgrade.ts";
import { figures } from "../reliability/support.ts";
import { start } from "../support/start.ts";

const server = await start({ TRUSTED_PROXIES: "loopback" });
afterAll(() => server.close());
const port = Number(new URL(server.http).port);

function handshake(key: string, forwardedFor: string): Promise<number | undefined> {
  const path = `/socket/websocket?vsn=2.0.0&api_key=${key}`;
  return upgrade(port, path, { "x-forwarded-for": forwardedFor }).then(({ status }) => status);
}

it("1,000 clients connect through one proxy address", async () => {
  const statuses = new Map<number | undefined, number>();
  for (let at = 0; at < 1_000; at += 50) {
    const some = Array.from({ length: 50 }, (_, n) => handshake("key-a", `10.${(at + n) >> 8}.${(at + n) & 255}.1`));
    for (const status of await Promise.all(some)) statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  expect([...statuses]).toEqual([[101, 1_000]]);
});

it("after 330 wrong keys a good key connects at once, and after many more within a minute", async () => {
  const wrong = await Promise.all(Array.from({ length: 330 }, (_, n) => handshake(`wrong-${n}`, "198.51.100.1")));
  expect(wrong.filter((status) => status === 429).length).toBeGreaterThan(200);
  expect(await handshake("key-a", "198.51.100.2")).toBe(101);
  expect(await handshake("key-a", "198.51.100.1")).toBe(101);
  await Promise.all(Array.from({ length: 500 }, (_, n) => handshake(`more-${n}`, "198.51.100.1")));
  expect(await handshake("key-a", "198.51.100.1")).toBe(429);
  await expect.poll(() => handshake("key-a", "198.51.100.1"), { timeout: 61_000, interval: 500 }).toBe(101);
});

it("2,000 connections with slow headers are gone within 6 s, and others are served meanwhile", async () => {
  const sockets: Socket[] = [];
  let open = 0;
  const drip = async (socket: Socket) => {
    for (let at = 0; !socket.destroyed && at < 20; at += 1) {
      socket.write(`x-${at}: y\r\n`);
      await wait(500);
    }
  };
  for (let at = 0; at < 2_000; at += 1) {
    const socket = createConnection(port, "127.0.0.1");
    sockets.push(socket);
    socket
      .on("error", () => {})
      .on("close", () => {
        open -= 1;
      });
    await once(socket, "connect");
    open += 1;
    socket.resume().write("GET / HTTP/1.1\r\nhost: a\r\n");
    void drip(socket);
  }
  const began = performance.now();
  expect((await fetch(`${server.http}/healthz`)).status).toBe(200);
  await expect.poll(() => open, { timeout: 10_000, interval: 50 }).toBe(0);
  const goneMs = performance.now() - began;
  figures("slow headers", { goneMs: Math.round(goneMs) });
  expect(goneMs).toBeLessThan(6_000);
});

it("an idle connection is still open after 66 s", async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const get = async () => {
    const asked = request(`${server.http}/healthz`, { agent }).end();
    const [response] = await once(asked, "response");
    response.resume();
    await once(response, "end");
    return asked.reusedSocket;
  };
  expect(await get()).toBe(false);
  await wait(66_000);
  expect(await get()).toBe(true);
  agent.destroy();
});
