import { createServer, request } from "node:http";
import type { AddressInfo, Socket } from "node:net";

import type { Page } from "playwright-core";
import { describe, expect, it, onTestFinished } from "vitest";

import { network } from "./support/network.ts";
import { onStage } from "./support/stage.ts";

const { connected, open, stage } = onStage();

/** A proxy that knows no WebSockets: it answers the upgrade with an error, or never. */
async function withoutWebSockets(refuse: (socket: Socket) => void) {
  const proxy = createServer((incoming, answer) => {
    const { hostname, port } = new URL(stage.server.http);
    const { method, url: path, headers } = incoming;
    const outgoing = request({ hostname, port, method, path, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    outgoing.on("error", () => answer.destroy());
    incoming.pipe(outgoing);
  });
  let upgrades = 0;
  proxy.on("upgrade", (_request, socket: Socket) => {
    upgrades += 1;
    socket.on("error", () => {});
    refuse(socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const { port } = proxy.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/#api_key=key-a`, upgrades: () => upgrades };
}

describe("where WebSockets are blocked", () => {
  it.for([
    { what: "refuses the upgrade", refuse: (socket: Socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n") },
    { what: "cuts the connection", refuse: (socket: Socket) => socket.destroy() },
    { what: "never answers", refuse: () => {} },
  ])("by a proxy that $what, the page uses long poll", async ({ refuse }) => {
    const proxy = await withoutWebSockets(refuse);
    const { page, say, over, answer, connected: ready } = await connected(proxy.url);
    await say("Hello", "simple");
    await over(1);
    await expect.poll(() => answer.textContent()).toBe("Answer to: Hello");
    await page.reload();
    await ready();
    expect(proxy.upgrades()).toBeGreaterThan(1); // the next page tries a WebSocket again
  });

  it("a wrong key is asked for again", async () => {
    const proxy = await withoutWebSockets((socket) => socket.destroy());
    const { page, connected: ready } = await open(proxy.url.replace("key-a", "wrong"));
    await expect.poll(() => page.locator("#key-problem").textContent()).toBe("The server refused this key.");
    await page.fill("#key", "key-a");
    await page.press("#key", "Enter");
    await ready();
  });
});

/** The page's WebSockets and long polls from now on. */
function watched(page: Page) {
  const polls: string[] = [];
  const sockets: string[] = [];
  page.on("request", (request) => request.url().includes("/longpoll") && polls.push(request.url()));
  page.on("websocket", (socket) => sockets.push(socket.url()));
  return { polls, sockets };
}

it("a WebSocket that has worked is opened again after a break; long poll is not used", async () => {
  const way = await network(stage.server.http);
  onTestFinished(() => way.close());
  const { page, connected: ready, say, over } = await connected(`${way.url}/#api_key=key-a`);
  const { polls, sockets } = watched(page);
  way.down();
  await page.locator('#connection[data-state="lost"]').waitFor();
  await expect.poll(() => sockets.length).toBeGreaterThan(2);
  way.up();
  await ready();
  await say("Hello", "simple");
  await over(1);
  expect(polls).toEqual([]);
});

it("a page that comes back with the back button connects again and goes on", async () => {
  const { page, connected: ready, say, over, questions } = await connected();
  await say("Before?", "simple");
  await over(1);
  const { sockets } = watched(page);
  const pass = (type: string) =>
    page.evaluate((name) => window.dispatchEvent(new PageTransitionEvent(name, { persisted: true })), type);
  await pass("pagehide");
  await page.locator('#connection:not([data-state="connected"])').waitFor();
  await pass("pageshow");
  await ready();
  await say("After?", "simple");
  await over(2);
  await expect.poll(questions).toEqual(["Before?", "After?"]);
  expect(sockets).toHaveLength(1);
});
