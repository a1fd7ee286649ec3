import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { statusOf } from "../auth/support.ts";
import { link, listening, run, stopped, workingFolder } from "./support.ts";

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
  const refused: [Record<string, string>, RegExp][] = [
    [
      { HOST: "x86_64-conda-linux-gnu" },
      /^could not start: HOST: "x86_64-conda-linux-gnu" is not a name of this .*\n$/,
    ],
    [{ HOST: "192.0.2.1" }, /^could not start: HOST: this machine has no address "192\.0\.2\.1".*\n$/],
    [{ METRICS_ADDRESS: "192.0.2.1:0" }, /^could not start: METRICS_ADDRESS: this machine has no address.*\n$/],
    [{ METRICS_ADDRESS: "localhost" }, /METRICS_ADDRESS: expected an address and a port/],
  ];

  it("a name or an address that is not this machine's", async () => {
    const starts = refused.map(async ([env, errors]) => {
      const server = run(workingFolder(), env);
      expect(await server.exited, JSON.stringify(env)).toEqual([1, null]);
      expect(server.errors).toMatch(errors);
    });
    await Promise.all(starts);
  });

  it("a port that is taken", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const address = taken.address();
    const PORT = typeof address === "object" && address ? String(address.port) : "";
    const server = run(workingFolder(), { PORT });
    expect(await server.exited).toEqual([1, null]);
    expect(server.errors).toBe(
      `could not start: PORT: another program listens on ${PORT}. Use another port, or 0 for a free one.\n`,
    );
    taken.close();
  });
});

it("whatever HOST is, the printed link opens, and its page may connect", async () => {
  const starts = ["localhost", "0.0.0.0", "::", "[::1]"].map(async (HOST) => {
    const page = new URL(await run(workingFolder(), { HOST }).printed(link));
    expect((await fetch(page)).status, HOST).toBe(200);
    const apiKey = new URLSearchParams(page.hash.slice(1)).get("api_key") ?? "";
    expect(await statusOf(page.origin, { apiKey, headers: { origin: page.origin } }), HOST).toBe(101);
  });
  await Promise.all(starts);
});

describe("a key that nobody asked for", () => {
  it("is neither made nor printed with other keys, with tokens and in production", async () => {
    const settings: Record<string, string>[] = [
      { AUTH_JWT_SECRET: "a secret of some length for HS256 signatures" },
      { AUTH_JWKS_URL: "http://127.0.0.1:1/keys" },
      { NODE_ENV: "production" },
      { API_KEYS: "k-alice=alice" },
    ];
    const starts = settings.map(async (env) => {
      const folder = workingFolder();
      const server = run(folder, env);
      await server.printed(link);
      expect(server.output, JSON.stringify(env)).not.toContain("api_key");
      expect(existsSync(join(folder, "data", "dev-api-key"))).toBe(false);
    });
    await Promise.all(starts);
  });

  it("in production, a warning says that nobody can connect", async () => {
    const server = run(workingFolder(), { NODE_ENV: "production" });
    expect(await server.printed(/"msg":"(nobody can connect: [^"]*)"/)).toContain("set API_KEYS");
  });

  it("is another one at each start outside of npm run dev", async () => {
    const folder = workingFolder();
    const first = run(folder);
    const before = await first.printed(link);
    await stopped(first);
    expect(new URL(await run(folder).printed(link)).hash).not.toBe(new URL(before).hash);
  });
});

it("without a terminal, as under nohup, SIGHUP ends nothing", async () => {
  const server = run(workingFolder(), { API_KEYS: "k-alice=alice" });
  const url = await server.printed(listening);
  server.child.kill("SIGHUP");
  expect(await statusOf(url, { apiKey: "k-alice" })).toBe(101);
  expect(await stopped(server)).toEqual([0, null]);
});

it.each(["stdout", "stderr"] as const)("the server lives when nobody reads its %s any more", async (stream) => {
  const server = run(workingFolder(), { LOG_LEVEL: "trace", API_KEYS: "k-alice=alice" });
  const url = await server.printed(listening);
  server.child[stream].destroy();
  for (let count = 0; count < 5; count += 1) expect(await statusOf(url, { apiKey: "wrong" })).toBe(403);
  expect(await statusOf(url, { apiKey: "k-alice" })).toBe(101);
  expect(await stopped(server)).toEqual([0, null]);
});
