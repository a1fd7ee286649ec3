import { Socket } from "phoenix";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";

import { conversation } from "../../packages/client/conversation.ts";
import { serveRoom } from "../phoenix/support/serve-room.ts";
import { ask, upgrade } from "../phoenix/support/upgrade.ts";
import { start } from "../support/start.ts";

const path = (query = "") => `/socket/websocket?vsn=2.0.0${query}`;
const portOf = (url: string) => Number(new URL(url).port);
const unauthorized = {
  reason: "unauthorized",
  message: "The key or token is missing, wrong or expired. The server's log says more.",
};

describe("a refused handshake says why in its body", () => {
  it("over WebSocket, over a plain GET of the same URL and over long poll, readable for every page", async () => {
    await using server = await start();
    const port = portOf(server.url);
    const origin = "http://localhost:5173";
    for (const answer of [
      await upgrade(port, path("&api_key=wrong"), { origin }),
      await ask(port, path("&api_key=wrong"), { origin }),
    ]) {
      expect([answer.status, JSON.parse(answer.body)]).toEqual([403, unauthorized]);
      expect(answer.headers["access-control-allow-origin"]).toBe("*");
      expect(answer.headers["content-type"]).toContain("application/json");
    }
    const polled = await ask(port, "/socket/longpoll?vsn=2.0.0&api_key=wrong", { origin });
    expect(JSON.parse(polled.body)).toEqual({ status: 403, ...unauthorized });
  });

  it("the same for every wrong, missing or expired credential", async () => {
    await using server = await start({ AUTH_JWT_SECRET: "a secret of this test, with at least 32 bytes" });
    const wrong = [
      "",
      "&api_key=",
      "&api_key=key-",
      "&api_key=key-aa",
      "&token=a.b.c",
      "&token=eyJhbGciOiJub25lIn0.e30.",
    ];
    const bodies = await Promise.all(wrong.map(async (query) => (await ask(portOf(server.url), path(query))).body));
    expect(new Set(bodies)).toEqual(new Set([JSON.stringify(unauthorized)]));
  });

  it("an accepted plain GET has no body and the same header", async () => {
    await using server = await start();
    const answer = await ask(portOf(server.url), path("&api_key=key-a"), { origin: "http://localhost:5173" });
    expect(answer).toMatchObject({ status: 400, body: "", headers: { "access-control-allow-origin": "*" } });
  });

  it("too many connections are rate_limited, with the time to wait", async () => {
    await using server = await start({ RATE_LIMIT_CONNECTIONS: "1" });
    await ask(portOf(server.url), path("&api_key=key-a"));
    const answer = await upgrade(portOf(server.url), path("&api_key=key-a"));
    const details = { retry_after_ms: expect.any(Number) };
    expect(answer).toMatchObject({ status: 429, headers: { "access-control-allow-origin": "*" } });
    expect(JSON.parse(answer.body)).toMatchObject({ reason: "rate_limited", details });
  });

  it("a server that is about to stop says draining", async () => {
    const { sockets, port } = await serveRoom();
    await sockets.close();
    for (const answer of [await upgrade(port, path()), await ask(port, path())]) {
      expect([answer.status, JSON.parse(answer.body).reason]).toEqual([503, "draining"]);
    }
  });
});

describe("a refused origin", () => {
  const reasonFor = async (headers: Record<string, string>) => {
    const { port } = await serveRoom();
    const answers = [await upgrade(port, path(), headers), await ask(port, path(), headers)];
    const [first, second] = answers.map(({ status, body }) => ({ status, ...JSON.parse(body) }));
    expect(first).toEqual(second);
    return first;
  };

  it("is named together with the setting that would allow it", async () => {
    const { status, reason, message } = await reasonFor({ origin: "http://app.example:5173" });
    expect([status, reason]).toEqual([403, "origin_not_allowed"]);
    expect(message).toContain("Pages of http://app.example:5173 may not connect");
    expect(message).toContain("ALLOWED_ORIGINS");
  });

  it("comes back only as an origin, and bounded", async () => {
    const { message } = await reasonFor({ origin: `https://evil.example/<script>"'${"x".repeat(5_000)}` });
    expect(message).toContain("Pages of https://evil.example may not connect");
    expect(message).not.toMatch(/script|x{10}/);
    const long = await reasonFor({ origin: `odd://${"a".repeat(5_000)}` });
    expect(long.message.length).toBeLessThan(500);
  });

  it.each(["null", "file://", "garbage"])("%s has no name to list, and the message says what to do", async (origin) => {
    const { message } = await reasonFor({ origin });
    expect(message).toContain("Serve it over HTTP");
  });

  it("is found by the Referer of a plain GET, for browsers send no Origin to the page's own host", async () => {
    const { port } = await serveRoom();
    const plain = (host: string, referer: string) => ask(port, path(), { host, referer });
    const refused = await plain("chat.example.com", "https://chat.example.com/page");
    expect(JSON.parse(refused.body).reason).toBe("origin_not_allowed");
    expect((await plain("127.0.0.1:4000", "http://127.0.0.1:4000/page")).status).toBe(400);
    expect((await plain("chat.example.com", "about:client")).status).toBe(400);
  });
});

it("a page may send its authToken with the plain GET, after a preflight", async () => {
  await using server = await start();
  const port = portOf(server.url);
  const asked = {
    origin: "http://localhost:5173",
    "access-control-request-method": "GET",
    "access-control-request-headers": "x-phoenix-authtoken",
  };
  const preflight = await ask(port, path(), asked, "OPTIONS");
  expect(preflight).toMatchObject({ status: 200, headers: { "access-control-allow-headers": "x-phoenix-authtoken" } });
  expect((await ask(port, path(), { "x-phoenix-authtoken": "key-a" })).status).toBe(400);
  expect((await ask(port, path(), { "x-phoenix-authtoken": "wrong" })).status).toBe(403);
  expect((await upgrade(port, path(), { "x-phoenix-authtoken": "key-a" })).status).toBe(403);
});

it("the typed client learns why its authToken is refused", async () => {
  await using server = await start();
  const learned = async (token: string) => {
    const socket = new Socket(server.url, { transport: WebSocket, authToken: token });
    onTestFinished(() => socket.disconnect());
    socket.connect();
    const { store } = conversation(socket, "refused");
    const code = () => {
      const { connection } = store.outline.getSnapshot();
      return connection.state === "refused" ? connection.error.code : connection.state;
    };
    await expect.poll(code).not.toBe("connecting");
    return code();
  };
  expect(await learned("wrong")).toBe("unauthorized");
  expect(await learned("key-a")).toBe("open");
});
