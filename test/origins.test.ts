import { hostname } from "node:os";
import { describe, expect, it } from "vitest";

import { originCheck } from "../src/transport/origin.ts";
import { statusOf } from "./auth/support.ts";
import { serveRoom } from "./phoenix/support/serve-room.ts";
import { upgrade } from "./phoenix/support/upgrade.ts";
import { start } from "./support/start.ts";

type Row = [origin: string, host: string, isAllowed: boolean];

describe("without a list of origins", () => {
  it.each<Row>([
    ["http://localhost:5173", "127.0.0.1:4000", true],
    ["http://127.0.0.1:3000", "localhost:4000", true],
    ["http://[::1]:3000", "127.0.0.1:4000", true],
    ["http://app.localhost:3000", "127.0.0.1:4000", true],
    ["http://LOCALHOST.", "127.0.0.1:4000", true],
    ["http://127.1", "[::1]:4000", true],
    ["http://localhost.evil.example", "127.0.0.1:4000", false],
    ["http://127.0.0.1.evil.example", "127.0.0.1:4000", false],
    ["http://evil.example", "127.0.0.1:4000", false],
    ["null", "127.0.0.1:4000", false],
  ])("on a loopback address, all loopback names are this machine: page %s, Host %s: %s", (origin, host, isAllowed) => {
    expect(originCheck(undefined, "127.0.0.1")({ origin, host })).toBe(isAllowed);
  });

  it.each<Row>([
    ["http://evil.example", "evil.example", false],
    ["http://evil.example:4000", "evil.example:4000", false],
    ["http://192.168.1.5:4000", "192.168.1.5:4000", true],
    ["http://[fd00::5]:4000", "[FD00::5]:4000", true],
    ["http://nas:4000", "nas:4000", true],
    ["http://nas.local:4000", "nas.local:4000", true],
    [`http://${hostname()}:4000`, `${hostname()}:4000`, true],
    ["http://192.168.1.5:4000", "192.168.1.6:4000", false],
    ["http://localhost:5173", "192.168.1.5:4000", false],
    ["http://localhost:5173", "localhost:4000", true],
  ])(
    "a Host header is believed only for hosts that can only be ours: page %s, Host %s: %s",
    (origin, host, isAllowed) => {
      expect(originCheck(undefined, "0.0.0.0")({ origin, host })).toBe(isAllowed);
    },
  );

  it("the host in HOST is ours, in any spelling", () => {
    const check = originCheck(undefined, "Bücher.example");
    expect(check({ origin: "https://xn--bcher-kva.example", host: "10.0.0.1:4000" })).toBe(true);
    expect(check({ origin: "https://other.example", host: "other.example" })).toBe(false);
  });

  it("the hosts of a trusted proxy are ours, by Host or by X-Forwarded-Host", () => {
    const check = originCheck(undefined, "127.0.0.1");
    const origin = "https://chat.example.com";
    expect(check({ origin, host: "chat.example.com" }, true)).toBe(true);
    expect(check({ origin, host: "127.0.0.1:4000", "x-forwarded-host": "chat.example.com" }, true)).toBe(true);
    expect(check({ origin, host: "127.0.0.1:4000" }, true)).toBe(false);
    expect(check({ origin, host: "chat.example.com" })).toBe(false);
    expect(check({ origin, host: "127.0.0.1:4000", "x-forwarded-host": "chat.example.com" })).toBe(false);
  });
});

describe("with a list of origins", () => {
  it.each([
    ["https://bücher.example", "https://xn--bcher-kva.example", true],
    ["HTTPS://App.Example.COM", "https://app.example.com", true],
    ["https://example.com:443", "https://example.com", true],
    ["https://example.com/", "https://example.com", true],
    ["http://example.com:0080", "http://example.com", true],
    ["//example.com:8443", "https://example.com:8443", true],
    ["//example.com:8443", "https://example.com", false],
    ["https://*.example.com", "https://a.b.example.com", true],
    ["https://*.bücher.example", "https://shop.xn--bcher-kva.example", true],
    ["https://example.com", "http://example.com", false],
    ["https://example.com", "https://example.com:8443", false],
    ["http://localhost:5173", "http://127.0.0.1:5173", true],
    ["http://localhost:5173", "http://localhost:5174", false],
    ["//[::1]:5173", "http://localhost:5173", true],
    ["https://example.com", "http://localhost:5173", false],
    ["capacitor://localhost", "capacitor://localhost", true],
    ["tauri://localhost", "tauri://localhost", true],
    ["tauri://localhost", "http://localhost", false],
    ["app://obsidian.md", "app://obsidian.md", true],
    ["chrome-extension://abcdefghijklmnop", "chrome-extension://abcdefghijklmnop", true],
    ["https://example.com", "null", false],
    ["https://example.com", "file://", false],
  ])("the entry %s and a page of %s: %s", (entry, origin, isAllowed) => {
    expect(originCheck([entry], "127.0.0.1")({ origin, host: "127.0.0.1:4000" })).toBe(isAllowed);
  });

  it.each(["example.com", "https://", "https://a b", "https://a/path", "https://a:b", "https://user@a"])(
    "the entry %j is refused",
    (entry) => {
      expect(() => originCheck([entry], "127.0.0.1")).toThrow(`"${entry}" is not an origin.`);
    },
  );
});

it("a refused origin is logged over both transports, with the setting that would allow it", async () => {
  const { port, logged } = await serveRoom();
  const headers = { origin: "https://evil.example" };
  expect((await upgrade(port, "/socket/websocket?vsn=2.0.0", headers)).status).toBe(403);
  const response = await fetch(`http://127.0.0.1:${port}/socket/longpoll?vsn=2.0.0`, { headers });
  const body = {
    reason: "origin_not_allowed",
    message: expect.stringContaining("Pages of https://evil.example may not"),
  };
  expect(await response.json()).toEqual({ status: 403, ...body });
  const fields = { reason: "origin", origin: "https://evil.example", setting: "ALLOWED_ORIGINS" };
  expect(logged).toEqual(
    Array(2).fill({ level: "warn", message: "handshake refused", fields: expect.objectContaining(fields) }),
  );
});

it("a page behind a proxy may connect if its origin is listed, or if the proxy is trusted", async () => {
  const headers = { origin: "https://chat.example.com", host: "chat.example.com" };
  const statusFor = async (env: Record<string, string>) => {
    await using server = await start(env);
    return await statusOf(server.url, { apiKey: "key-a", headers });
  };
  expect(await statusFor({})).toBe(403);
  expect(await statusFor({ ALLOWED_ORIGINS: "https://chat.example.com" })).toBe(101);
  expect(await statusFor({ TRUSTED_PROXIES: "loopback" })).toBe(101);
});
