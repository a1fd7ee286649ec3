import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { LongPoll } from "phoenix";
import { afterAll, describe, expect, it } from "vitest";

import { type ConnectOptions, connect, HandshakeRefused, rawClient } from "../support/client.ts";
import { start } from "../support/start.ts";

const secret = "a secret of some length for HS256 signatures";
const unlimited = { RATE_LIMIT_CONNECTIONS: "0", RATE_LIMIT_REFUSED: "0" };
const rs = await generateKeyPair("RS256");
const es = await generateKeyPair("ES256");
const stranger = await generateKeyPair("RS256");
const jwks = createServer(async (_request, response) => {
  const keys = [
    { ...(await exportJWK(rs.publicKey)), kid: "rs", alg: "RS256", use: "sig" },
    { ...(await exportJWK(es.publicKey)), kid: "es", alg: "ES256", use: "sig" },
  ];
  response.setHeader("content-type", "application/json").end(JSON.stringify({ keys }));
});
await new Promise<void>((resolve) => jwks.listen(0, "127.0.0.1", resolve));
// A server that listens on TCP has an address with a port.
const jwksUrl = `http://127.0.0.1:${(jwks.address() as AddressInfo).port}/keys`;
const server = await start({ ...unlimited, AUTH_JWT_SECRET: secret, AUTH_JWKS_URL: jwksUrl });
afterAll(async () => {
  await server.close();
  jwks.close();
});

const hmac = (text: string) => new TextEncoder().encode(text);
const claims = (sub: unknown = "jwt-user") => new SignJWT({ ...(sub !== undefined && { sub }) } as { sub: string });
const signed = (sub?: unknown) =>
  claims(sub).setProtectedHeader({ alg: "HS256" }).setExpirationTime("5m").sign(hmac(secret));

/** The HTTP status of a handshake; 101 if it was accepted. */
async function statusOf(options: ConnectOptions, url = server.url): Promise<number> {
  try {
    await (await connect(url, options)).close();
    return 101;
  } catch (error) {
    if (error instanceof HandshakeRefused) return error.status;
    throw error;
  }
}

async function userOf(options: ConnectOptions): Promise<string | undefined> {
  await using client = await server.connect(options);
  return (await client.join(crypto.randomUUID())).joins[0]?.user_id;
}

describe("a key", () => {
  it.each([
    ["api_key", { apiKey: "key-a" }],
    ["authToken", { authToken: "key-a" }],
    ["api_key beside other parameters", { apiKey: "key-a", params: { nested: { a: [1] }, empty: null } }],
  ])("an API key is accepted as %s", async (_how, options) => {
    expect(await userOf(options)).toBe("user-a");
  });

  it("an API key sent as authToken selects the subprotocol phoenix and is not echoed", async () => {
    const protocols = ["phoenix", `base64url.bearer.phx.${btoa("key-a").replaceAll("=", "")}`];
    await using client = await rawClient(server.url, { protocols });
    expect(client.socket.protocol).toBe("phoenix");
  });

  it.each([
    "key-c",
    "KEY-A",
    "key-a ",
    " key-a",
    "key-",
    "",
    "*",
    "key-a=user-a",
    "user-a",
    "key-a\0",
    "undefined",
    "x".repeat(5000),
  ])("the key %j is refused with 403", async (key) => {
    expect(await statusOf({ params: { api_key: key } })).toBe(403);
    expect(await statusOf({ token: key })).toBe(403);
    const encoded = btoa(key).replace(/=+$/, "");
    if (encoded.includes("/")) return;
    const protocols = ["phoenix", `base64url.bearer.phx.${encoded}`];
    await expect(rawClient(server.url, { protocols })).rejects.toMatchObject({ status: 403 });
  });

  it.each([{}, { api_key: ["key-a"] }, { api_key: { a: "key-a" } }, { API_KEY: "key-a" }, { user_id: "user-a" }])(
    "no key is found in the parameters %j",
    async (params) => {
      expect(await statusOf({ params })).toBe(403);
    },
  );

  it("a wrong key over long poll gets 403 in the body", async () => {
    const response = await fetch(`${server.http}/socket/longpoll?api_key=nope&vsn=2.0.0`);
    expect(await response.json()).toMatchObject({ status: 403 });
  });
});

describe("a token signed with the secret", () => {
  it.each(["token", "authToken"])("a signed token sent as %s names the user by its sub", async (how) => {
    expect(await userOf({ [how]: await signed() })).toBe("jwt-user");
  });

  it("over long poll a signed token has to be sent as authToken, because token is the session's token", async () => {
    const lp = { socketOptions: { transport: LongPoll as never } }; // the types allow only a WebSocket
    expect(await userOf({ authToken: await signed(), ...lp })).toBe("jwt-user");
    const response = await fetch(`${server.http}/socket/longpoll?token=${await signed()}&vsn=2.0.0`);
    expect(await response.json()).toMatchObject({ status: 403 });
  });

  it("a signed token cannot join as another user", async () => {
    await using client = await server.connect({ token: await signed() });
    await expect(client.join("x", { user_id: "user-a" })).rejects.toMatchObject({
      response: { reason: "unauthorized" },
    });
    expect((await client.join("y", { user_id: "jwt-user" })).joins[0]?.user_id).toBe("jwt-user");
  });

  const seconds = (offset: number) => Math.floor(Date.now() / 1000) + offset;
  const wrong: [string, () => string | Promise<string>][] = [
    ["another secret", () => claims().setProtectedHeader({ alg: "HS256" }).sign(hmac("another"))],
    [
      "an expiry in the past",
      () => claims().setProtectedHeader({ alg: "HS256" }).setExpirationTime(seconds(-30)).sign(hmac(secret)),
    ],
    [
      "a not-before in the future",
      () => claims().setProtectedHeader({ alg: "HS256" }).setNotBefore(seconds(600)).sign(hmac(secret)),
    ],
    ["no signature", () => new UnsecuredJWT({}).setSubject("jwt-user").encode()],
    ["another algorithm", () => claims().setProtectedHeader({ alg: "HS512" }).sign(hmac(secret))],
    ["no sub", () => new SignJWT({}).setProtectedHeader({ alg: "HS256" }).sign(hmac(secret))],
    ["an empty sub", () => signed("")],
    ["a fraction as sub", () => signed(5.5)],
    ["a sub that is no text", () => signed({ id: "jwt-user" })],
    ["no exp", () => claims().setProtectedHeader({ alg: "HS256" }).sign(hmac(secret))],
    ["its signature cut off", async () => (await signed()).split(".").slice(0, 2).join(".")],
    ["an empty signature", async () => `${(await signed()).split(".").slice(0, 2).join(".")}.`],
    [
      "another payload",
      async () => (await signed()).replace(/\..+\./, `.${btoa('{"sub":"user-a"}').replaceAll("=", "")}.`),
    ],
    ["no form", () => "a.b.c"],
    ["the none algorithm in capitals", () => `${btoa('{"alg":"NONE"}')}.${btoa('{"sub":"user-a"}')}.`],
  ];

  it.each(wrong)("a token with %s is refused with 403", async (_what, make) => {
    const token = await make();
    expect(await statusOf({ token })).toBe(403);
    expect(await statusOf({ params: { api_key: token } })).toBe(403);
  });
});

describe("a token signed with a key of the key set", () => {
  it.each([
    ["RS256", rs.privateKey, "rs"],
    ["ES256", es.privateKey, "es"],
  ])("a token signed with the key set's %s key names the user", async (alg, key, kid) => {
    const token = await claims("key-set-user").setProtectedHeader({ alg, kid }).setExpirationTime("5m").sign(key);
    expect(await userOf({ token })).toBe("key-set-user");
    expect(await userOf({ authToken: token })).toBe("key-set-user");
  });

  it("a token signed with a foreign key, or with a public key as the secret, is refused", async () => {
    const foreign = await claims().setProtectedHeader({ alg: "RS256", kid: "rs" }).sign(stranger.privateKey);
    const unknown = await claims().setProtectedHeader({ alg: "RS256", kid: "nobody" }).sign(stranger.privateKey);
    const jwk = await exportJWK(rs.publicKey);
    const confused = await claims()
      .setProtectedHeader({ alg: "HS256", kid: "rs" })
      .sign(hmac(JSON.stringify(jwk)));
    const embedded = await claims().setProtectedHeader({ alg: "RS256", jwk }).sign(stranger.privateKey);
    for (const token of [foreign, unknown, confused, embedded]) expect(await statusOf({ token })).toBe(403);
  });
});

it("a server without token settings refuses every token, and after too many with 429 and Retry-After", async () => {
  await using plain = await start({ ...unlimited, RATE_LIMIT_REFUSED: "3" });
  const token = await signed();
  for (let attempt = 0; attempt < 3; attempt += 1) expect(await statusOf({ token }, plain.url)).toBe(403);
  const refused = connect(plain.url, { token });
  await expect(refused).rejects.toMatchObject({
    status: 429,
    headers: { "retry-after": expect.stringMatching(/^\d+$/) },
  });
  await using client = await plain.connect();
  expect((await client.join("c")).joins).toHaveLength(1);
});

it("a server that cannot reach its key set refuses tokens and accepts API keys", async () => {
  await using lost = await start({ ...unlimited, AUTH_JWKS_URL: "http://127.0.0.1:1/keys" });
  const token = await claims().setProtectedHeader({ alg: "RS256", kid: "rs" }).sign(rs.privateKey);
  expect(await statusOf({ token }, lost.url)).toBe(403);
  await using client = await lost.connect();
  expect((await client.join("c")).joins).toHaveLength(1);
});
