import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";

import { config } from "../../src/config.ts";
import { localUrl } from "../../src/http/address.ts";
import { ownKey } from "../../src/own-key.ts";
import { startServer } from "../../src/server.ts";
import { logger } from "../../src/telemetry/log.ts";
import { statusOf } from "../auth/support.ts";
import { some } from "../support/size.ts";
import { link, listening, run, stopped, workingFolder } from "./support.ts";

/** Starts the server without a process of its own, which would take a second. */
async function serve(env: Record<string, string>) {
  const DATABASE_URL = `sqlite:${join(workingFolder(), "test.db")}`;
  const server = await startServer(config({ PORT: "0", DATABASE_URL, ...env }), ["k-alice=alice"], logger("silent"));
  onTestFinished(() => server.close());
  return server;
}

describe("an .env file", () => {
  it("is read as people write it", async () => {
    const folder = workingFolder();
    const lines = [
      '\uFEFFexport API_KEYS="k+/3cs==alice" # comment',
      "MODEL = 'fake-small'",
      "LANGSMITH_TRACING=False",
      "",
    ];
    writeFileSync(join(folder, ".env"), lines.join("\r\n"));
    const url = await run(folder).printed(listening);
    expect(await statusOf(url, { apiKey: "k+/3cs=" })).toBe(101);
  });

  it("that is a folder stops the start with one line that names it", async () => {
    const folder = workingFolder();
    mkdirSync(join(folder, ".env"));
    const server = run(folder);
    expect(await server.exited).toEqual([1, null]);
    expect(server.errors).toMatch(/^could not start: \.env cannot be read: it is a folder\..*\n$/);
  });
});

describe("an address that cannot be used stops the start with one line that names its setting", () => {
  it.each([
    [{ HOST: "x86_64-conda-linux-gnu" }, /^HOST: "x86_64-conda-linux-gnu" is not a name of this .*$/],
    [{ HOST: "192.0.2.1" }, /^HOST: this machine has no address "192\.0\.2\.1".*$/],
    [{ METRICS_ADDRESS: "192.0.2.1:0" }, /^METRICS_ADDRESS: this machine has no address.*$/],
    [{ METRICS_ADDRESS: "localhost" }, /METRICS_ADDRESS: expected an address and a port/],
  ])("%j", async (env, line) => {
    await expect(serve(env)).rejects.toThrow(line);
  });

  it("a port that is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const PORT = typeof address === "object" && address ? String(address.port) : "";
    const words = `PORT: another program listens on ${PORT}. Use another port, or 0 for a free one.`;
    await expect(serve({ PORT })).rejects.toThrow(new Error(words));
    taken.close();
  });
});

it.each(["localhost", "0.0.0.0", "::", "[::1]"])(
  "with HOST=%s the page's address opens, and the page may connect",
  async (HOST) => {
    const { origin } = new URL(localUrl((await serve({ HOST })).url));
    expect((await fetch(`${origin}/`)).status).toBe(200);
    expect(await statusOf(origin, { apiKey: "k-alice", headers: { origin } })).toBe(101);
  },
);

describe("a key that nobody asked for", () => {
  it.each<Record<string, string>>([
    { AUTH_JWT_SECRET: "a secret of some length for HS256 signatures" },
    { AUTH_JWKS_URL: "http://127.0.0.1:1/keys" },
    { NODE_ENV: "production" },
    { API_KEYS: "k-alice=alice" },
  ])("is not made with %j", (env) => {
    expect(ownKey(config(env), false)).toBeUndefined();
  });

  it("is neither made nor printed in production, and a warning says that nobody can connect", async () => {
    const folder = workingFolder();
    const server = run(folder, { NODE_ENV: "production" });
    expect(await server.printed(/"msg":"(nobody can connect: [^"]*)"/)).toContain("set API_KEYS");
    await server.printed(link);
    expect(server.output).not.toContain("api_key");
    expect(existsSync(join(folder, "data", "dev-api-key"))).toBe(false);
  });

  it("is in the printed link, which opens, and is another one at each start outside of npm run dev", async () => {
    const folder = workingFolder();
    const first = run(folder);
    const page = new URL(await first.printed(link));
    expect((await fetch(page)).status).toBe(200);
    const apiKey = new URLSearchParams(page.hash.slice(1)).get("api_key") ?? "";
    expect(await statusOf(page.origin, { apiKey, headers: { origin: page.origin } })).toBe(101);
    first.child.kill("SIGHUP"); // as under nohup: without a terminal it ends nothing
    expect(await statusOf(page.origin, { apiKey })).toBe(101);
    expect(await stopped(first)).toEqual([0, null]);
    expect(existsSync(join(folder, "data", "dev-api-key"))).toBe(false);
    expect(new URL(await run(folder).printed(link)).hash).not.toBe(page.hash);
  });
});

it.each(some(["stdout", "stderr"] as const))("the server lives when nobody reads its %s any more", async (stream) => {
  const server = run(workingFolder(), { LOG_LEVEL: "trace", API_KEYS: "k-alice=alice" });
  const url = await server.printed(listening);
  server.child[stream].destroy();
  for (let count = 0; count < 5; count += 1) expect(await statusOf(url, { apiKey: "wrong" })).toBe(403);
  expect(await statusOf(url, { apiKey: "k-alice" })).toBe(101);
  expect(await stopped(server)).toEqual([0, null]);
});
