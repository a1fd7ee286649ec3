import { describe, expect, it } from "vitest";
import { rawClient } from "./support/raw-client.ts";
import { serveRoom } from "./support/serve-room.ts";
import { ask, upgrade } from "./support/upgrade.ts";

const PATH = "/socket/websocket?vsn=2.0.0";
const token = (text: string) => `base64url.bearer.phx.${text}`;

describe("a WebSocket handshake", () => {
  it("is accepted without extensions, even if compression is offered", async () => {
    const { port } = await serveRoom();
    const answer = await upgrade(port, PATH, { "sec-websocket-extensions": "permessage-deflate" });
    expect(answer.status).toBe(101);
    expect(answer.headers["sec-websocket-extensions"]).toBeUndefined();
  });

  it("is refused with 403 and no body when connect refuses", async () => {
    const { port } = await serveRoom();
    expect(await upgrade(port, `${PATH}&api_key=bad`)).toMatchObject({ status: 403, body: "" });
  });

  it("is refused with the status and headers that connect returns", async () => {
    const { port } = await serveRoom();
    const answer = await upgrade(port, `${PATH}&api_key=limited`);
    expect(answer).toMatchObject({ status: 429, headers: { "retry-after": "7" } });
  });

  it.for(["123.1.1", "3.0.0", "2.1.0", "2", "abc", ""])("is refused for vsn %j", async (vsn) => {
    const { port } = await serveRoom();
    expect((await upgrade(port, `/socket/websocket?vsn=${vsn}`)).status).toBe(403);
  });

  it("is refused for a vsn that is a list", async () => {
    const { port } = await serveRoom();
    expect((await upgrade(port, "/socket/websocket?vsn[]=2.0.0")).status).toBe(403);
  });

  it("uses V2 for vsn 2.0.5 and V1 for vsn 1.0.9", async () => {
    const { url } = await serveRoom();
    const v2 = await rawClient(url, "2.0.5");
    v2.send([null, "1", "phoenix", "heartbeat", {}]);
    expect(await v2.frame()).toEqual([null, "1", "phoenix", "phx_reply", { status: "ok", response: {} }]);
    const v1 = await rawClient(url, "1.0.9");
    v1.send({ topic: "phoenix", event: "heartbeat", payload: {}, ref: "1" });
    expect(await v1.frame()).toMatchObject({ ref: "1", topic: "phoenix" });
  });

  it("without a list, allows the request's own host, the configured host and clients without Origin", async () => {
    const { port } = await serveRoom({ host: "chat.example" });
    const statuses = await Promise.all(
      [undefined, "http://127.0.0.1", "https://127.0.0.1:9", "http://chat.example", "http://evil.example"].map(
        async (origin) => (await upgrade(port, PATH, { origin })).status,
      ),
    );
    expect(statuses).toEqual([101, 101, 101, 101, 403]);
  });

  it.for([
    ["http://example.com", 101],
    ["https://example.com:444", 101],
    ["https://app.x.org", 101],
    ["https://x.org", 101],
    ["https://secure.example", 101],
    ["https://secure.example:444", 403],
    ["http://secure.example", 403],
    ["http://sub.example.com", 403],
    ["http://example.com.evil.org", 403],
    ["https://notx.org", 403],
    ["null", 403],
    ["file://", 403],
    ["garbage", 403],
  ] as const)("with a list, an Origin %j is answered %i", async ([origin, status]) => {
    const allowedOrigins = ["//example.com", "//*.x.org", "https://secure.example"];
    const { port } = await serveRoom({ allowedOrigins });
    expect((await upgrade(port, PATH, { origin })).status).toBe(status);
  });

  it("a malformed list throws at start", async () => {
    await expect(serveRoom({ allowedOrigins: ["example.com/path"] })).rejects.toThrow("is not an origin");
  });

  it("answers 400 to a GET without upgrade headers, or 403 if it would be refused", async () => {
    const { port } = await serveRoom();
    expect((await ask(port, PATH)).status).toBe(400);
    expect((await ask(port, `${PATH}&api_key=bad`)).status).toBe(403);
  });

  it.for(["POST", "OPTIONS", "HEAD"])("answers 400 to %s", async (method) => {
    const { port } = await serveRoom();
    expect((await ask(port, PATH, {}, method)).status).toBe(400);
    expect((await upgrade(port, PATH, {}, method)).status).toBe(400);
  });

  it("answers 400 to a wrong or missing version and to a missing key", async () => {
    const { port } = await serveRoom();
    for (const headers of [
      { "sec-websocket-version": "12" },
      { "sec-websocket-version": "8" },
      { "sec-websocket-version": undefined },
      { "sec-websocket-key": undefined },
      { upgrade: "h2c" },
    ]) {
      expect((await upgrade(port, PATH, headers)).status).toBe(400);
    }
  });

  it("is served at <mount>/websocket only, with or without a trailing slash", async () => {
    const { port } = await serveRoom();
    expect((await upgrade(port, "/socket/websocket/?vsn=2.0.0")).status).toBe(101);
    for (const path of ["/socket?vsn=2.0.0", "/socket/ws", "/", "/socket/websocket/x"]) {
      expect((await upgrade(port, path)).status).toBe(404);
    }
    expect((await ask(port, "/socket")).status).toBe(404);
  });

  it("reads the auth token from the subprotocols and answers with phoenix", async () => {
    const { port, attempts } = await serveRoom();
    const offered = `phoenix, ${token("c2VjcmV0LXRva2Vu")}`;
    const answer = await upgrade(port, PATH, { "sec-websocket-protocol": offered });
    expect(answer).toMatchObject({ status: 101, headers: { "sec-websocket-protocol": "phoenix" } });
    expect(attempts[0]?.authToken).toBe("secret-token");
  });

  it.for([
    ["phoenix", "phoenix"],
    [`phoenix, ${token("YQ")}, ${token("Yg")}`, "phoenix"],
    [undefined, undefined],
  ] as const)("offered %j it answers %j and sees no token", async ([offered, answered]) => {
    const { port, attempts } = await serveRoom();
    const answer = await upgrade(port, PATH, { "sec-websocket-protocol": offered });
    expect(answer.status).toBe(101);
    expect(answer.headers["sec-websocket-protocol"]).toBe(answered);
    expect(attempts[0]?.authToken).toBeUndefined();
  });

  it("never echoes a token, even if it is the only subprotocol", async () => {
    const { port } = await serveRoom();
    const answer = await upgrade(port, PATH, { "sec-websocket-protocol": token("YQ") });
    expect(answer).toMatchObject({ status: 101 });
    expect(answer.headers["sec-websocket-protocol"]).toBeUndefined();
  });

  it("is refused for an unknown subprotocol", async () => {
    const { port } = await serveRoom();
    expect((await upgrade(port, PATH, { "sec-websocket-protocol": "mqtt" })).status).toBe(403);
  });

  it("is refused for a malformed token; both base64 alphabets are accepted", async () => {
    const { port, attempts } = await serveRoom();
    for (const malformed of ["a", "====", "a*b", "YWJjZ"]) {
      const answer = await upgrade(port, PATH, { "sec-websocket-protocol": `phoenix, ${token(malformed)}` });
      expect([malformed, answer.status]).toEqual([malformed, 403]);
    }
    for (const encoded of ["-_8", "+/8", "+/8="]) {
      const answer = await upgrade(port, PATH, { "sec-websocket-protocol": `phoenix, ${token(encoded)}` });
      expect(answer).toMatchObject({ status: 101, headers: { "sec-websocket-protocol": "phoenix" } });
    }
    expect(attempts.map(({ authToken }) => authToken)).toEqual(["\u00fb\u00ff", "\u00fb\u00ff", "\u00fb\u00ff"]);
  });

  it("decodes empty segments, encoded brackets and broken escapes in the query", async () => {
    const { port, attempts } = await serveRoom();
    const query = "api_key=k&nested%5Ba%5D%5B0%5D=1&&list[]=1&list[]=2&odd=%zz&plus=a+b&vsn=2.0.0";
    expect((await upgrade(port, `/socket/websocket?${query}`)).status).toBe(101);
    expect(structuredClone(attempts[0]?.params)).toEqual({
      api_key: "k",
      nested: { a: { 0: "1" } },
      list: ["1", "2"],
      odd: "%zz",
      plus: "a b",
      vsn: "2.0.0",
    });
    expect(attempts[0]).toMatchObject({ address: "127.0.0.1", transport: "websocket" });
  });

  it("__proto__ in the query is plain data", async () => {
    const { port, attempts } = await serveRoom();
    expect((await upgrade(port, `${PATH}&__proto__[polluted]=1&a[__proto__][polluted]=1`)).status).toBe(101);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
    expect(Object.keys(attempts[0]?.params ?? {})).toContain("__proto__");
  });

  it("answers 500 if connect throws, and the next one works", async () => {
    const { port } = await serveRoom();
    expect((await upgrade(port, `${PATH}&api_key=boom`)).status).toBe(500);
    expect((await upgrade(port, PATH)).status).toBe(101);
  });
});
