import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { closeAll, device, flags } from "../browser/support/browser.ts";
import { freePort } from "../support/free-port.ts";
import { gate, isText } from "../support/model-server.ts";
import { start } from "../support/start.ts";
import { publicHost } from "./support/certificate.ts";
import { type RunningProxy, startProxy } from "./support/proxies.ts";

/** A script that defines `Phoenix` in every page. */
const phoenixFile = join(dirname(createRequire(import.meta.url).resolve("phoenix")), "phoenix.min.js");
const phoenix = `${readFileSync(phoenixFile, "utf8")}\nglobalThis.Phoenix = Phoenix;`;

describe.each(["nginx", "caddy"] as const)("behind %s, with TLS and a path prefix", (name) => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof start>>;
  let proxy: RunningProxy;
  beforeAll(async () => {
    const port = await freePort();
    server = await start({ PORT: String(port), TRUSTED_PROXIES: "loopback", RATE_LIMIT_REFUSED: "5" });
    proxy = await startProxy(name, port);
    const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
    const args = [...flags, `--host-resolver-rules=MAP ${publicHost} 127.0.0.1`];
    browser = await chromium.launch({ executablePath, args });
  });
  afterEach(() => closeAll(browser));
  afterAll(async () => {
    await browser?.close();
    await proxy?.[Symbol.asyncDispose]();
    await server?.close();
  });

  /** Opens the page. `failed` collects the requests that were not answered with success. */
  async function opened() {
    const failed: string[] = [];
    const prepared = await device(browser, `${proxy.page}#api_key=key-a`, {
      ignoreHTTPSErrors: true,
      prepare: async (context) => {
        context.on("response", (response) => response.status() >= 400 && failed.push(response.url()));
        await context.addInitScript({ content: phoenix });
      },
    });
    await prepared.connected();
    return { ...prepared, failed };
  }

  it("serves the page, whose every request stays below the prefix", async () => {
    const { page, say, over, answer, alarms, failed } = await opened();
    await say("Hello?", "simple");
    await over(1);
    await expect.poll(() => answer.textContent()).toContain("Answer to: Hello?");
    await page.click("#workbench-toggle");
    await page.getByRole("tab", { name: "Graph" }).click();
    await page.frameLocator("iframe.drawing").locator("#drawing svg").waitFor();
    expect(page.url()).toContain(`${proxy.page}?conversation=`);
    expect({ alarms, failed }).toEqual({ alarms: [], failed: [] });
  });

  it.each(["WebSocket", "LongPoll"] as const)("passes phoenix.js over %s", async (transport) => {
    const { page } = await opened();
    const seen = await page.evaluate(converse, { transport, path: "/chat/socket", topic: `${name}-${transport}` });
    expect(seen).toEqual({ response: "Answer to: Over the proxy?", text: "Answer to: Over the proxy?" });
  });

  it("passes a drain: the answer ends, and the page goes on with the next process", async () => {
    const { say, over, answer, page } = await opened();
    const held = gate();
    server.model.nextFor(isText, { text: "An answer that takes its time.", gate: held });
    const closed = page.evaluate(firstClose, "/chat/socket");
    await say("Will you finish?", "simple");
    await held.held();
    const drained = server.server.drain();
    await expect.poll(async () => (await proxy.ask("/chat/readyz")).status).toBe(503);
    held.open();
    await over(1);
    await expect.poll(() => answer.textContent()).toContain("An answer that takes its time.");
    await drained;
    expect(await closed).toBe(1012);
    await server.restart();
    await page.locator('#connection[data-state="connected"]').waitFor({ timeout: 20_000 });
    await say("And again?", "simple");
    await over(2);
    await expect.poll(() => answer.textContent()).toContain("Answer to: And again?");
  });

  it("adds the slash that relative addresses need, and keeps metrics from the public", async () => {
    expect(await proxy.ask("/chat")).toMatchObject({ status: 308, location: expect.stringMatching(/\/chat\/$/) });
    expect((await proxy.ask("/chat/healthz")).status).toBe(200);
    expect((await proxy.ask("/chat/metrics")).status).toBe(404);
    expect((await proxy.ask("/healthz")).status).not.toBe(502);
  });

  it("passes files of the largest size, and the refusal of larger ones", async () => {
    const { page } = await opened();
    const [kept, refused] = await page.evaluate(upload, { path: "/chat/files", sizes: [10_485_760, 10_485_761] });
    expect(kept).toMatchObject({ status: 201, size: 10_485_760, read: 10_485_760 });
    expect(refused).toMatchObject({ status: 413, reason: "content_too_long" });
  });

  it("counts clients by their own address, whatever they claim", async () => {
    const path = "/chat/socket/websocket?vsn=2.0.0&api_key=wrong";
    const statuses: number[] = [];
    for (let client = 0; client < 7; client += 1)
      statuses.push((await proxy.ask(path, { "x-forwarded-for": `198.51.100.${client}` })).status);
    expect(new Set(statuses)).toEqual(new Set([403, 429]));
  });
});

/** Runs in the page: uploads a text of each size, and reads it again. */
async function upload({ path, sizes }: { path: string; sizes: number[] }) {
  const headers = { authorization: "Bearer key-a" };
  return await Promise.all(
    sizes.map(async (size) => {
      const body = new FormData();
      body.set("file", new Blob(["a".repeat(size)]), "a.txt");
      const response = await fetch(path, { method: "POST", headers, body });
      const answer: { file_id?: string; reason?: string } = await response.json();
      const file = await fetch(`${path}/${answer.file_id}`, { headers });
      return { status: response.status, ...answer, read: (await file.text()).length };
    }),
  );
}

interface PhoenixChannel {
  join(): PhoenixChannel;
  push(event: string, payload: object): PhoenixChannel;
  receive(status: string, then: (response: unknown) => void): PhoenixChannel;
  on(event: string, then: (payload: { text: string; response: string }) => void): void;
}

interface PhoenixSocket {
  connect(): void;
  disconnect(): void;
  channel(topic: string, params: object): PhoenixChannel;
  onClose(then: (event: { code: number }) => void): void;
}

/** What phoenix.js defines. */
interface Phoenix {
  Socket: new (path: string, options: object) => PhoenixSocket;
  LongPoll: unknown;
}

/** Runs in the page: one message, and its answer. */
function converse({ transport, path, topic }: { transport: "WebSocket" | "LongPoll"; path: string; topic: string }) {
  const { Socket, LongPoll } = (globalThis as unknown as { Phoenix: Phoenix }).Phoenix;
  const socket = new Socket(path, {
    params: { api_key: "key-a" },
    transport: transport === "LongPoll" ? LongPoll : WebSocket,
  });
  socket.connect();
  const channel = socket.channel(`conversation:${topic}`, {});
  return new Promise<{ response: string; text: string }>((resolve, reject) => {
    let text = "";
    channel.on("response_delta", (delta) => {
      text += delta.text;
    });
    channel.on("response", ({ response }) => {
      resolve({ response, text });
      socket.disconnect();
    });
    channel
      .join()
      .receive("ok", () => channel.push("message", { content: "Over the proxy?", options: { engine: "simple" } }))
      .receive("error", (refusal) => reject(new Error(JSON.stringify(refusal))));
  });
}

/** Runs in the page: the code with which another socket of it closes. */
function firstClose(path: string): Promise<number> {
  const { Socket } = (globalThis as unknown as { Phoenix: Phoenix }).Phoenix;
  const socket = new Socket(path, { params: { api_key: "key-a" } });
  socket.connect();
  return new Promise((resolve) => {
    socket.onClose(({ code }) => {
      socket.disconnect();
      resolve(code);
    });
  });
}
