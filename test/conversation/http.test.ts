import { afterAll, describe, expect, it } from "vitest";

import { faults } from "../support/model-server.ts";
import { start } from "../support/start.ts";

const server = await start({ RATE_LIMIT_CONNECTIONS: "0" });
const client = await server.connect();
afterAll(async () => {
  await client.close();
  await server.close();
});

const get = (path: string, init?: RequestInit) => fetch(`${server.http}${path}`, init);
const metric = async (name: string) => {
  const line = (await (await get("/metrics")).text()).split("\n").find((one) => one.startsWith(name));
  return Number(line?.split(" ").at(-1));
};

describe("health", () => {
  it.each(["/healthz", "/readyz"])("%s answers 200", async (path) => {
    const response = await get(path);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toContain("no-store");
    expect((await get(path, { method: "HEAD" })).status).toBe(200);
  });

  it("a draining server is alive but not ready, and refuses messages and sockets", async () => {
    await using draining = await start({ DRAIN_TIMEOUT_MS: "1500" });
    await using member = await draining.connect();
    const conversation = await member.join("c");
    draining.model.next({ text: "one two", stallAfter: 1 });
    const { response } = await conversation.push("message", { content: "Hi", options: { engine: "simple" } });
    await conversation.next("response_delta");
    const drained = draining.server.drain();
    expect((await fetch(`${draining.http}/readyz`)).status).toBe(503);
    expect((await fetch(`${draining.http}/healthz`)).status).toBe(200);
    await expect(draining.connect()).rejects.toMatchObject({ status: 503 });
    expect(await conversation.push("message", { content: "More" })).toMatchObject({ response: { reason: "draining" } });
    expect((await conversation.next("error")).details.code).toBe("draining");
    await conversation.push("stop", { turn_id: response.turn_id });
    expect((await conversation.turn(response.turn_id)).terminal.payload).toMatchObject({ response: "one" });
    expect(await member.closed()).toMatchObject({ code: 1012 });
    member.socket.disconnect();
    await drained;
  });
});

describe("metrics", () => {
  it("/metrics is Prometheus text and counts sockets and turns", async () => {
    const conversation = await client.join("metrics");
    const before = await metric("turns_total");
    await conversation.ask("Hi", { options: { engine: "simple" } });
    const response = await get("/metrics");
    expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
    const text = await response.text();
    expect(text).toMatch(/^# HELP \S+ .+$/m);
    expect(text).toMatch(/^# TYPE \S+ (counter|gauge|histogram|summary)$/m);
    expect(await metric("turns_total")).toBe((Number.isNaN(before) ? 0 : before) + 1);
    expect(await metric("sockets")).toBeGreaterThanOrEqual(1);
  });

  it("/metrics names no user, conversation, key or content", async () => {
    const conversation = await client.join("canary-conversation");
    server.model.next({ ...faults.unauthorized });
    await conversation.ask("canary-content", { options: { engine: "simple" } });
    expect(await (await get("/metrics")).text()).not.toMatch(/canary|user-a|key-a/);
  });
});

describe("everything else", () => {
  it("/ is the playground, without inline scripts", async () => {
    const response = await get("/");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^text\/html/);
    const policy = response.headers.get("content-security-policy");
    expect(policy).not.toContain("unsafe-inline");
    const page = await response.text();
    expect(page.match(/<script(?![^>]* src=)/)).toBeNull();
    const assets = [...page.matchAll(/(?:src|href)="(assets\/[^"]+)"/g)].map(([, path = ""]) => path);
    expect(assets.length).toBeGreaterThan(0);
    for (const path of assets) expect((await get(`/${path}`)).status, path).toBe(200);
  });

  it("the first screen needs one script, one style sheet and no picture", async () => {
    const page = await (await get("/")).text();
    const linked = (pattern: RegExp) => [...page.matchAll(pattern)].map(([, path = ""]) => path);
    const scripts = linked(/<script [^>]*src="([^"]+)"/g);
    const styles = linked(/<link rel="stylesheet" href="([^"]+)"/g);
    expect({ scripts: scripts.length, styles: styles.length }).toEqual({ scripts: 1, styles: 1 });
    expect(page).not.toContain("modulepreload");
    const script = await (await get(`/${scripts[0]}`)).text();
    expect(script).not.toMatch(/^import\b(?!\()|[;}]import\s*["'{*\w]/);
    const pictures = [...(await (await get(`/${styles[0]}`)).text()).matchAll(/url\("([^"]+)"\)/g)];
    expect(pictures.map(([, path]) => path)).toEqual(["../icons/check.svg"]); // in answers
  });

  it.each([
    "/nope",
    "/healthz/",
    "/HEALTHZ",
    "/assets/",
    "/assets/nope.js",
    "/assets/../package.json",
    "/assets/%2e%2e/package.json",
    "/socket",
    "/socket/nope",
    "/.env",
    "/data/conversations.db",
    "/src/main.ts",
    "//",
    "//evil/healthz",
    "/%",
    "/%00",
    "/\\",
  ])("the path %s is 404", async (path) => {
    const { request } = await import("node:http"); // fetch would normalize the path
    const { hostname, port } = new URL(server.http);
    const status = await new Promise((resolve, reject) => {
      request({ hostname, port, path, agent: false }, (response) => resolve(response.resume().statusCode))
        .on("error", reject)
        .end();
    });
    expect(status).toBe(404);
  });

  it.each(["POST", "PUT", "DELETE", "PATCH"])("%s is not allowed on any path", async (method) => {
    for (const path of ["/healthz", "/metrics", "/asyncapi.json", "/"]) {
      expect([404, 405]).toContain((await get(path, { method })).status);
    }
  });

  it("a 404 reveals nothing about the server's software", async () => {
    const response = await get("/nope");
    expect(response.headers.get("x-powered-by")).toBeNull();
    expect(await response.text()).not.toMatch(/node_modules|\/work|Error/);
  });
});
