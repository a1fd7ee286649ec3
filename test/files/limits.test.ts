import { mkdirSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { createServer, request as httpRequest } from "node:http";
import { join } from "node:path";
import Database from "better-sqlite3";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { start } from "../support/start.ts";
import { filesServer, refusal } from "./support.ts";

const listed = "https://app.example";

describe("a server with limits", () => {
  let server: Awaited<ReturnType<typeof filesServer>>;
  beforeAll(async () => {
    server = await filesServer({
      RATE_LIMIT_MESSAGES: "22",
      RATE_LIMIT_PUSHES: "3",
      FILE_MAX_MB: "1",
      ALLOWED_ORIGINS: `${listed},//127.0.0.1`,
    });
  });
  afterAll(() => server.close());

  it("keeps at most 20 of the largest files before a message comes with them", async () => {
    const bytes = "a".repeat(1_048_576);
    for (let count = 0; count < 20; count += 1) await server.kept(bytes, { key: "key-b" });
    const full = await server.upload("a", { key: "key-b" });
    expect(await refusal(full)).toMatchObject({ status: 429, reason: "rate_limited" });
    expect((await server.upload("a", { key: "key-a" })).status).toBe(201);
  });

  it("takes so many uploads a minute, and says when the next may come", async () => {
    const uploads = () => server.upload("a", { key: "key-any" });
    for (let count = 0; count < 22; count += 1) expect((await uploads()).status).toBe(201);
    const response = await uploads();
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refusal(response)).toMatchObject({
      status: 429,
      reason: "rate_limited",
      details: { retry_after_ms: expect.any(Number) },
    });
  });

  it("limits downloads, too", async () => {
    const { file_id } = await server.kept("a");
    const statuses = [];
    for (let count = 0; count < 4; count += 1) statuses.push((await server.get(file_id)).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  it("takes ten uploads of a user at the same time", async () => {
    const headers = {
      authorization: "Bearer key-any",
      "x-user-id": "c",
      "content-type": "multipart/form-data; boundary=x",
    };
    const open = Array.from({ length: 10 }, () => {
      const request = httpRequest(`${server.http}/files`, { method: "POST", headers });
      request.on("error", () => {}).write("--x\r\n");
      return request;
    });
    await expect.poll(() => readdirSync(join(server.folder, "files", "arriving"))).toHaveLength(10);
    const eleventh = () => server.upload("a", { key: "key-any", headers: { "x-user-id": "c" } });
    expect(await refusal(await eleventh())).toMatchObject({ status: 429, details: { retry_after_ms: 1_000 } });
    for (const request of open) request.destroy();
    await expect.poll(async () => (await eleventh()).status).toBe(201);
  });

  it.each([
    [listed, 204, listed],
    ["https://evil.example", 403, null],
    ["null", 403, null],
  ])("answers the preflight of a page of %s with %i", async (origin, status, allowed) => {
    const response = await fetch(`${server.http}/files`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, x-user-id",
      },
    });
    expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([status, allowed]);
    if (allowed) {
      expect(response.headers.get("access-control-allow-headers")).toMatch(/authorization.*x-user-id/);
      expect(response.headers.get("access-control-allow-methods")).toContain("POST");
    }
  });

  it("lets pages of listed origins read files and refusals, and no others", async () => {
    const read = (origin: string, key = "key-a") =>
      fetch(`${server.http}/files/x`, { headers: { origin, authorization: `Bearer ${key}` } });
    const own = await read(listed);
    expect([own.status, own.headers.get("access-control-allow-origin")]).toEqual([429, listed]);
    expect(own.headers.get("vary")).toContain("origin");
    const wrong = await read(listed, "wrong");
    expect([wrong.status, wrong.headers.get("access-control-allow-origin")]).toEqual([401, listed]);
    const evil = await read("https://evil.example");
    expect(evil.headers.get("access-control-allow-origin")).toBeNull();
    expect(await refusal(evil)).toMatchObject({ status: 403, reason: "origin_not_allowed" });
  });
});

describe("JWTs", () => {
  it("name the user, until they expire", async () => {
    const secret = "a secret of at least 32 characters";
    await using server = await filesServer({ AUTH_JWT_SECRET: secret });
    const signed = (exp: string) =>
      new SignJWT({ sub: "user-a" })
        .setProtectedHeader({ alg: "HS256" })
        .setExpirationTime(exp)
        .sign(new TextEncoder().encode(secret));
    const { file_id } = await server.kept("a", { key: await signed("1h") });
    expect((await server.get(file_id, { key: "key-a" })).status).toBe(200);
    expect((await server.get(file_id, { key: await signed("1 hour ago") })).status).toBe(401);
  });
});

describe("wrong keys", () => {
  it("are limited by address, with the handshakes", async () => {
    await using server = await filesServer({ RATE_LIMIT_REFUSED: "3" });
    const statuses = [];
    for (let count = 0; count < 5; count += 1) statuses.push((await server.get("x", { key: `wrong-${count}` })).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    expect((await server.upload("a")).status).toBe(201);
  });
});

describe("files that nobody needs", () => {
  it("are gone after a day, with what a crash left of uploads; those in use stay", async () => {
    await using server = await filesServer();
    const folder = join(server.folder, "files");
    const [old, used, young] = [await server.kept("old"), await server.kept("used"), await server.kept("young")];
    const member = await server.connect();
    const conversation = await member.join("with-file");
    await conversation.ask("What is it?", { attachments: [{ file_id: used.file_id }], options: { engine: "simple" } });
    await member.close();

    const longAgo = new Date(Date.now() - 25 * 3_600_000);
    const abandoned = join(folder, "arriving", "abandoned");
    mkdirSync(abandoned);
    utimesSync(abandoned, longAgo, longAgo);
    const database = new Database(join(server.folder, "test.db"));
    const age = database.prepare("UPDATE files SET created_at = ? WHERE file_id <> ?");
    age.run(longAgo.toISOString(), young.file_id);
    database.close();
    await server.restart();
    await expect.poll(() => readdirSync(folder).sort()).toEqual(["arriving", used.file_id, young.file_id].sort());
    await expect.poll(() => readdirSync(join(folder, "arriving"))).toEqual([]);
    const statuses = [old, used, young].map(async ({ file_id }) => (await server.get(file_id)).status);
    expect(await Promise.all(statuses)).toEqual([404, 200, 200]);
  });
});

describe("the folder", () => {
  it("that cannot be written to stops the start, which names the setting", async () => {
    const file = join(process.cwd(), "package.json", "x");
    await expect(start({ FILES_DIR: file })).rejects.toThrow(/^FILES_DIR: .*package\.json/);
  });

  it("that is gone or full refuses uploads, and the server lives", async () => {
    await using server = await filesServer();
    const folder = join(server.folder, "files");
    const { file_id } = await server.kept("a");
    rmSync(folder, { recursive: true });
    expect((await server.get(file_id)).status).toBe(404);
    expect(await refusal(await server.upload("a"))).toMatchObject({ status: 500, reason: "internal" });
    mkdirSync(join(folder, "arriving"), { recursive: true });
    expect((await server.upload("a")).status).toBe(201);
  });
});

it("a draining server refuses uploads and still gives files", async () => {
  await using server = await filesServer();
  const { file_id } = await server.kept("a");
  const member = await server.connect();
  const conversation = await member.join("c");
  server.model.next({ text: "one two", stallAfter: 1 });
  const { response } = await conversation.push("message", { content: "Hi", options: { engine: "simple" } });
  await conversation.next("response_delta");
  const drained = server.server.drain();
  expect(await refusal(await server.upload("a"))).toMatchObject({ status: 503, reason: "draining" });
  expect((await server.get(file_id)).status).toBe(200);
  await conversation.push("stop", { turn_id: response.turn_id });
  await member.closed();
  member.socket.disconnect();
  await drained;
});

it("pages of the host that a trusted proxy serves may upload below its prefix", async () => {
  await using server = await filesServer({ TRUSTED_PROXIES: "loopback" });
  const proxy = createServer((request, response) => {
    const headers = { ...request.headers, host: "127.0.0.1", "x-forwarded-host": "chat.example" };
    const path = (request.url ?? "").replace(/^\/chat/, "");
    const onward = httpRequest(server.http + path, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  }).listen(0);
  const address = proxy.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const data = new FormData();
  data.set("file", new Blob(["a"]), "a.txt");
  const headers = { authorization: "Bearer key-a", origin: "https://chat.example" };
  const response = await fetch(`http://127.0.0.1:${port}/chat/files`, { method: "POST", body: data, headers });
  expect([response.status, response.headers.get("access-control-allow-origin")]).toEqual([201, "https://chat.example"]);
  proxy.closeAllConnections();
  proxy.close();
});
