import { SignJWT, UnsecuredJWT } from "jose";
import { afterAll, describe, expect, it } from "vitest";

import { connect } from "../support/client.ts";
import { rawClient } from "../support/raw-client.ts";
import { loggingServer, statusOf } from "./support.ts";

const secret = new TextEncoder().encode("a secret of some length for HS256 signatures");
const server = await loggingServer({
  AUTH_JWT_SECRET: new TextDecoder().decode(secret),
  AUTH_JWT_AUDIENCE: "chat, chat-staging",
  AUTH_JWT_ISSUER: "https://issuer.example",
});
afterAll(server.close);

const seconds = (offset: number) => Math.floor(Date.now() / 1000) + offset;
const valid = { sub: "alice", aud: "chat", iss: "https://issuer.example", exp: seconds(300) };

function signed(changes: Record<string, unknown>, key = secret, alg = "HS256"): Promise<string> {
  const claims = Object.entries({ ...valid, ...changes }).filter(([, value]) => value !== undefined);
  return new SignJWT(Object.fromEntries(claims)).setProtectedHeader({ alg }).sign(key);
}

async function userOf(token: string): Promise<string | undefined> {
  await using client = await connect(server.url, { token });
  return (await client.join(crypto.randomUUID())).joins[0]?.user_id;
}

describe("a token is accepted", () => {
  it.each([
    ["that is valid", {}],
    ["for another one of the audiences", { aud: "chat-staging" }],
    ["for several audiences", { aud: ["billing", "chat"] }],
    ["that is valid in 2 s, because clocks differ", { nbf: seconds(2), iat: seconds(2) }],
    ["that expired 5 s ago, because clocks differ", { exp: seconds(-5) }],
  ])("%s", async (_what, changes) => {
    expect(await userOf(await signed(changes))).toBe("alice");
  });

  it("whose sub is a whole number: the user is its text", async () => {
    expect(await userOf(await signed({ sub: 42 }))).toBe("42");
    expect(await userOf(await signed({ sub: "42" }))).toBe("42");
  });
});

describe("a token is refused, and the log says why", () => {
  const wrong: [string, () => string | Promise<string>, RegExp][] = [
    ["without exp", () => signed({ exp: undefined }), /: it has no exp$/],
    ["whose exp counts milliseconds", () => signed({ exp: Date.now() + 300_000 }), /: its exp is in milliseconds/],
    ["that has expired", () => signed({ exp: seconds(-60) }), /: it expired (59|6\d) s ago \(exp\)$/],
    ["with an exp that is no number", () => signed({ exp: "tomorrow" }), /: its exp is not valid$/],
    [
      "that is not valid yet",
      () => signed({ nbf: seconds(900) }),
      /: it is not valid before (89\d|900) s from now \(nbf\)$/,
    ],
    ["for another audience", () => signed({ aud: "billing" }), /: its aud is not AUTH_JWT_AUDIENCE$/],
    ["without an audience", () => signed({ aud: undefined }), /: its aud is not AUTH_JWT_AUDIENCE$/],
    ["of another issuer", () => signed({ iss: "https://evil.example" }), /: its iss is not AUTH_JWT_ISSUER$/],
    [
      "of the issuer, but for a slash",
      () => signed({ iss: "https://issuer.example/" }),
      /: its iss differs from AUTH_JWT_ISSUER by the slash at the end$/,
    ],
    ["without a sub", () => signed({ sub: undefined }), /: its sub is missing/],
    ["with NUL in its sub", () => signed({ sub: "a\0b" }), /: its sub is missing, or no text/],
    ["with a fraction as sub", () => signed({ sub: 4.2 }), /: its sub is missing, or no text/],
    ["with a number too large to be exact as sub", () => signed({ sub: 2 ** 60 }), /: its sub is missing, or no text/],
    ["with a sub of 129 characters", () => signed({ sub: "x".repeat(129) }), /: its sub is missing, or no text/],
    ["with another secret", () => signed({}, new Uint8Array(32)), /: its signature does not match the key$/],
    ["with another algorithm", () => signed({}, new Uint8Array(64), "HS512"), /: it is not signed with HS256, RS256/],
    ["without a signature", () => new UnsecuredJWT(valid).encode(), /: it is not signed with HS256, RS256/],
    [
      "for public keys that are not configured",
      () => `${btoa('{"alg":"RS256"}').replaceAll("=", "")}.e30.c2ln`,
      /: it is signed with RS256, and AUTH_JWKS_URL is not set$/,
    ],
    ["of no form", () => "a.b.c", /: it is not a valid JWT$/],
    ["as in a header", async () => `Bearer ${await signed({})}`, /^the token begins with Bearer: send only what/],
    ["that is none", () => "hello", /^unknown API key, and not a JWT$/],
  ];

  it.each(wrong)("%s", async (_what, make, problem) => {
    const token = await make();
    const before = server.logged("handshake refused").length;
    expect(await statusOf(server.url, { token })).toBe(403);
    await expect.poll(() => server.logged("handshake refused").slice(before)).toMatchObject([{ reason: "key" }]);
    const [line] = server.logged("handshake refused").slice(before);
    expect(line?.problem).toMatch(problem);
    expect(line?.address).toBe("127.0.0.1");
    expect(JSON.stringify(line)).not.toContain(token);
  });

  it.each([
    ["nothing", {}, "no API key and no token was sent"],
    ["a wrong key", { api_key: "nope" }, "unknown API key"],
    ["a token as api_key", { api_key: "eyJhbGciOiJIUzI1NiJ9.e30.c2ln" }, "a JWT was sent as api_key"],
  ])("so is a client that sends %s", async (_what, params, problem) => {
    const before = server.logged("handshake refused").length;
    expect(await statusOf(server.url, { params })).toBe(403);
    await expect.poll(() => server.logged("handshake refused").slice(before)).toMatchObject([{ problem }]);
  });
});

it("a socket closes with 1001 when its token expires, 10 s of clock difference included", {
  timeout: 40_000,
}, async () => {
  await using client = await rawClient(server.url, { params: { token: await signed({ exp: seconds(-8) }) } });
  expect(await client.waitClose(20_000)).toEqual({ code: 1001, reason: "expired" });
});
