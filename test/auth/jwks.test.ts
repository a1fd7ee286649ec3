import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { expect, it, onTestFinished } from "vitest";

import { start, unlimited } from "../support/start.ts";
import { loggingServer, statusOf } from "./support.ts";

/** A server of public keys, which may fail. It answers requests for any host, as a proxy would. */
async function keyServer() {
  const served = { keys: [] as JWK[], status: 200, paths: [] as (string | undefined)[] };
  const server = createServer(({ url }, response) => {
    served.paths.push(url);
    response.writeHead(served.status, { "content-type": "application/json" });
    response.end(JSON.stringify({ keys: served.keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo; // it listens on a TCP port
  return { served, url: `http://127.0.0.1:${port}` };
}

async function signer(kid: string) {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  return {
    jwk: { ...(await exportJWK(publicKey)), kid, alg: "RS256", use: "sig" },
    token: (header: object = { kid }) =>
      new SignJWT({ sub: "alice" })
        .setProtectedHeader({ alg: "RS256", ...header })
        .setExpirationTime("5m")
        .sign(privateKey),
  };
}

async function serverWith(env: Record<string, string>) {
  const server = await start({ ...unlimited, ...env });
  onTestFinished(server.close);
  return server;
}

/** In a process of its own, which has the environment. */
async function processWith(env: Record<string, string>) {
  const server = await loggingServer(env);
  onTestFinished(server.close);
  return server;
}

it("keys for other purposes and of unknown kinds beside the right one do no harm, with a kid or without", async () => {
  const { served, url } = await keyServer();
  const { jwk, token } = await signer("one");
  const encryption = { ...jwk, kid: "enc", use: "enc", alg: "RSA-OAEP" };
  const unknown = { kty: "AKP", kid: "pq", alg: "ML-DSA-44", pub: "AA" };
  served.keys = [encryption, unknown, jwk];
  const server = await serverWith({ AUTH_JWKS_URL: url });
  expect(await statusOf(server.url, { token: await token() })).toBe(101);
  expect(await statusOf(server.url, { token: await token({}) })).toBe(101);
});

it("a key server that failed is asked again at the next token", async () => {
  const { served, url } = await keyServer();
  const { jwk, token } = await signer("one");
  served.keys = [jwk];
  served.status = 500;
  const server = await serverWith({ AUTH_JWKS_URL: url });
  expect(await statusOf(server.url, { token: await token() })).toBe(403);
  served.status = 200;
  expect(await statusOf(server.url, { token: await token() })).toBe(101);
});

it("the key server is asked through the proxy of the environment, unless NO_PROXY names it", async () => {
  const proxy = await keyServer();
  const { jwk, token } = await signer("one");
  proxy.served.keys = [jwk];
  const through = await processWith({ AUTH_JWKS_URL: "http://keys.invalid/jwks.json", HTTP_PROXY: proxy.url });
  expect(await statusOf(through.url, { token: await token() })).toBe(101);
  expect(proxy.served.paths).toEqual(["http://keys.invalid/jwks.json"]);

  const direct = await keyServer();
  direct.served.keys = [jwk];
  const env = { AUTH_JWKS_URL: `${direct.url}/jwks.json`, HTTP_PROXY: proxy.url, NO_PROXY: "127.0.0.1" };
  const beside = await processWith(env);
  expect(await statusOf(beside.url, { token: await token() })).toBe(101);
  expect(direct.served.paths).toEqual(["/jwks.json"]);
});
