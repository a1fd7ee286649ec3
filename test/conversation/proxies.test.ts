import type { IncomingMessage } from "node:http";
import { createConnection } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";

import { config } from "../../src/config.ts";
import { clients } from "../../src/limits/client-address.ts";
import { ask, upgrade } from "../phoenix/support/upgrade.ts";
import { start } from "../support/start.ts";

const portOf = ({ http }: { http: string }) => Number(new URL(http).port);

async function handshake(server: { http: string }, key: string, forwardedFor?: string): Promise<number | undefined> {
  const path = `/socket/websocket?vsn=2.0.0&api_key=${key}`;
  return (await upgrade(portOf(server), path, { "x-forwarded-for": forwardedFor })).status;
}

/** How often each status came. */
async function statuses(handshakes: Promise<number | undefined>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const status of await Promise.all(handshakes)) counts[`${status}`] = (counts[`${status}`] ?? 0) + 1;
  return counts;
}

const times = <T>(length: number, each: (n: number) => T) => Array.from({ length }, (_, n) => each(n));

describe("clients behind a trusted proxy", () => {
  it("are told apart, and one that fails does not lock out the others", async () => {
    await using server = await start({ TRUSTED_PROXIES: "loopback" });
    expect(await statuses(times(320, (n) => handshake(server, "key-a", `10.1.${n >> 8}.${n & 255}`)))).toEqual({
      101: 320,
    });
    const wrong = await statuses(times(330, (n) => handshake(server, `wrong-${n}`, "10.2.0.1")));
    expect(wrong).toEqual({ 403: 120, 429: 210 });
    expect(await handshake(server, "key-a", "10.2.0.2")).toBe(101);
    expect(await handshake(server, "key-a", "10.2.0.1")).toBe(101);
  });

  it("share its address unless it is trusted", async () => {
    await using server = await start({ RATE_LIMIT_CONNECTIONS: "20" });
    const forwarded = await statuses(times(30, (n) => handshake(server, "key-a", `10.1.0.${n}`)));
    expect(forwarded).toEqual({ 101: 20, 429: 10 });
  });
});

it("a page of the proxy's own host may connect through a proxy that is trusted", async () => {
  const headers = { origin: "https://chat.example.com", host: "10.0.0.5", "x-forwarded-host": "chat.example.com" };
  const statusWith = async (settings: Record<string, string>) => {
    await using server = await start(settings);
    return (await upgrade(portOf(server), "/socket/websocket?vsn=2.0.0&api_key=key-a", headers)).status;
  };
  expect([await statusWith({ TRUSTED_PROXIES: "127.0.0.0/8" }), await statusWith({})]).toEqual([101, 403]);
});

it("a client that repeats a wrong key locks out nobody else behind its address", async () => {
  await using server = await start({ RATE_LIMIT_CONNECTIONS: "50", RATE_LIMIT_REFUSED: "10" });
  expect(await statuses(times(400, () => handshake(server, "wrong")))).toEqual({ 403: 10, 429: 390 });
  expect(await handshake(server, "key-a")).toBe(101);
});

it("guessing keys does use up the address's connections", async () => {
  await using server = await start({ RATE_LIMIT_CONNECTIONS: "50", RATE_LIMIT_REFUSED: "10" });
  await statuses(times(61, (n) => handshake(server, `guess-${n}`)));
  expect(await handshake(server, "key-a")).toBe(429);
});

it.for(["h2c", "TLS/1.0", "foo, bar"])("a request that offers an upgrade to %s is answered as usual", async (offer) => {
  await using server = await start();
  const headers = {
    connection: "Upgrade, HTTP2-Settings",
    upgrade: offer,
    "http2-settings": "AAMAAABkAAQAoAAAAAIAAAAA",
  };
  for (const path of ["/", "/healthz"]) expect((await ask(portOf(server), path, headers)).status).toBe(200);
  expect((await ask(portOf(server), "/nothing", headers)).status).toBe(404);
  expect((await ask(portOf(server), "/healthz", { connection: "Upgrade", upgrade: "websocket" })).status).toBe(200);
});

it("a health check may speak HTTP/1.0, without a Host", async () => {
  await using server = await start();
  const connection = createConnection(portOf(server), "127.0.0.1");
  connection.write("GET /healthz HTTP/1.0\r\n\r\n");
  expect(await text(connection)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
});

it("a request may name the whole address", async () => {
  await using server = await start();
  const statusAt = async (path: string) => (await ask(portOf(server), `http://chat.example.com${path}`)).status;
  expect([await statusAt(""), await statusAt("/healthz"), await statusAt("/nothing")]).toEqual([200, 200, 404]);
  const path = "http://chat.example.com/socket/websocket?vsn=2.0.0&api_key=key-a";
  expect((await upgrade(portOf(server), path)).status).toBe(101);
});

it.for([
  [{ forwarded: "for=192.0.2.60;proto=https;by=10.0.0.9" }, "192.0.2.60"],
  [{ forwarded: 'For="[2001:db8:cafe::17]:4711"' }, "2001:db8:cafe:0::/64"],
  [{ forwarded: "for=198.51.100.1, for=192.0.2.43, for=10.0.0.8" }, "192.0.2.43"],
  [{ forwarded: "for=198.51.100.1", "x-forwarded-for": "192.0.2.7" }, "192.0.2.7"],
  [{ forwarded: "proto=https" }, "10.0.0.5"],
] as const)("a private proxy that sends %j speaks for %s", ([headers, client]) => {
  const request = { headers: { ...headers }, socket: { remoteAddress: "10.0.0.5" } } as unknown as IncomingMessage;
  expect(clients(config({ TRUSTED_PROXIES: "private" }).TRUSTED_PROXIES).addressOf(request)).toBe(client);
});

it.for(["proxy.example.com", "10.0.0.0/99", "10.0.0.1, everybody"])("TRUSTED_PROXIES may not be %j", (value) => {
  expect(() => config({ TRUSTED_PROXIES: value })).toThrow(/TRUSTED_PROXIES: expected addresses/);
});

describe("the address of a client", () => {
  const addressOf = (peer: string | undefined, forwardedFor?: string, trusted = ["loopback", "10.0.0.0/8"]) => {
    const headers = forwardedFor === undefined ? {} : { "x-forwarded-for": forwardedFor };
    const connection = { remoteAddress: peer };
    return clients(trusted).addressOf({ socket: connection, connection, headers } as unknown as IncomingMessage); // all that is read of it
  };

  it.each([
    ["203.0.113.7", undefined, "203.0.113.7"],
    ["203.0.113.7", "198.51.100.1", "203.0.113.7"],
    ["127.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"],
    ["::ffff:203.0.113.7", undefined, "203.0.113.7"],
    ["10.0.0.1", "198.51.100.1, 203.0.113.7, 10.0.0.9", "203.0.113.7"],
    ["10.0.0.1", "10.0.0.8, 10.0.0.9", "10.0.0.8"],
    ["127.0.0.1", "198.51.100.1:5678", "198.51.100.1"],
    ["127.0.0.1", "[2001:db8:1:2:3::4]:5678", "2001:db8:1:2::/64"],
    ["127.0.0.1", "unknown", "127.0.0.1"],
    ["127.0.0.1", "", "127.0.0.1"],
    ["2001:db8:1:2:aaaa::1", undefined, "2001:db8:1:2::/64"],
    ["2001:DB8:1:2:bbbb:0:0:1", undefined, "2001:db8:1:2::/64"],
    ["fe80::1%eth0", undefined, "fe80:0:0:0::/64"],
    ["::1", undefined, "::1"],
    [undefined, "198.51.100.1", ""],
  ])("%s forwarding %s is %s", (peer, forwardedFor, expected) => {
    expect(addressOf(peer, forwardedFor)).toBe(expected);
  });
});
