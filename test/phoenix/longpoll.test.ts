import { describe, expect, it } from "vitest";
import { longPollMember } from "./support/long-poll-member.ts";
import { poller } from "./support/poller.ts";
import { serveRoom } from "./support/serve-room.ts";

const T = "room:a";
const JOIN = ["1", "1", T, "phx_join", {}];
const ok = (response: unknown = {}) => ({ status: "ok", response });
const JOINED = ["1", "1", T, "phx_reply", ok()];

describe("long poll", () => {
  it("a GET without a known session opens one", async () => {
    const { port, sockets } = await serveRoom();
    const client = poller(port);
    const response = await fetch(client.url);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
      "access-control-allow-origin": "*",
    });
    const first = await response.json();
    expect(first).toEqual({ status: 410, token: expect.any(String), messages: [] });
    const second = await client.ask({ token: "bogus" });
    expect(second).toMatchObject({ status: 410, messages: [] });
    expect(second.token).not.toBe((first as { token: string }).token);
    expect(Buffer.from(second.token ?? "", "base64url").length).toBeGreaterThanOrEqual(16);
    expect(sockets.stats()).toMatchObject({ sockets: 2, longPollSessions: 2 });
  });

  it("frames are posted, then fetched as strings; 204 if there are none", async () => {
    const { port } = await serveRoom({ limits: { longPollWindowMs: 100 } });
    const client = poller(port);
    const token = await client.open();
    expect(await client.post(token, [JOIN, ["1", "2", T, "echo", { a: 1 }]])).toEqual({ status: 200 });
    const answer = await client.ask({ token });
    expect(answer).toMatchObject({ status: 200, token });
    expect(answer.messages?.map((message) => JSON.parse(message))).toEqual([
      JOINED,
      ["1", "2", T, "phx_reply", ok({ a: 1 })],
    ]);
    expect(await client.ask({ token })).toEqual({ status: 204, token, messages: [] });
  });

  it("the first message answers a waiting GET; later ones are kept in order", async () => {
    const { client, token, sockets, poll } = await longPollMember();
    const { answer } = await poll();
    sockets.broadcast(T, "first", {});
    expect((await answer).messages).toEqual([JSON.stringify([null, null, T, "first", {}])]);
    sockets.broadcast(T, "second", {});
    sockets.broadcast(T, "third", {});
    expect(await client.frames(token)).toEqual([
      [null, null, T, "second", {}],
      [null, null, T, "third", {}],
    ]);
  });

  it("only the latest of several GETs gets messages", async () => {
    const { sockets, poll } = await longPollMember({ limits: { longPollWindowMs: 300 } });
    const [older, latest] = [await poll(), await poll()];
    sockets.broadcast(T, "news", {});
    expect(await latest.answer).toMatchObject({ status: 200 });
    expect(await older.answer).toMatchObject({ status: 204, messages: [] });
  });

  it("a refusal is 403 in the body, without a token; a server error is 500", async () => {
    const { port } = await serveRoom();
    const refused = ["vsn=9.9.9", "vsn=2.0.0&api_key=bad", "vsn=2.0.0&api_key=limited"];
    for (const query of refused) expect(await poller(port, query).ask()).toEqual({ status: 403 });
    const foreign = await fetch(poller(port).url, { headers: { origin: "http://evil.example" } });
    const body = { status: 403, reason: "origin_not_allowed", message: expect.any(String) };
    expect([foreign.status, await foreign.json()]).toEqual([200, body]);
    expect(await poller(port, "vsn=2.0.0&api_key=boom").ask()).toEqual({ status: 500 });
  });

  it("a POST needs a session", async () => {
    const { port } = await serveRoom();
    const client = poller(port);
    expect(await client.ask({ method: "POST", body: "x" })).toEqual({ status: 410 });
    expect(await client.post("bogus", [JOIN])).toEqual({ status: 410 });
  });

  it("a session that is not polled ends, and its channels with it", async () => {
    const { client, token, room, sockets } = await longPollMember({ limits: { longPollWindowMs: 100 } });
    await expect
      .poll(() => sockets.stats())
      .toEqual({ sockets: 0, longPollSessions: 0, channels: 0, longestBacklog: 0, waitingBytes: 0 });
    expect(room.ended).toEqual([{ topic: T, reason: "closed" }]);
    expect(await client.post(token, [["1", "2", T, "ok", {}]])).toEqual({ status: 410 });
    expect(await client.ask({ token })).toMatchObject({ status: 410 });
  });

  it("lines are handled in order; stale ones and the 101st are ignored; base64 is decoded", async () => {
    const { client, token, room } = await longPollMember();
    const binary = Buffer.concat([Buffer.from([0, 1, 1, 6, 12]), Buffer.from(`13${T}payload_typeA`)]);
    await client.post(token, [
      ["1", "2", T, "echo", { n: 2 }],
      ["0", "x", T, "echo", {}],
      binary.toString("base64"),
      ["1", "4", T, "echo", { n: 4 }],
    ]);
    expect(await client.frames(token)).toEqual([
      ["1", "2", T, "phx_reply", ok({ n: 2 })],
      ["1", "3", T, "phx_reply", ok({ inspect: "bytes 41" })],
      ["1", "4", T, "phx_reply", ok({ n: 4 })],
    ]);
    room.handled.length = 0;
    await client.post(
      token,
      Array.from({ length: 101 }, (_, at) => ["1", `${at}`, T, "noreply", { at }]),
    );
    expect(room.handled).toHaveLength(100);
  });

  it("a line that is not a frame ends the session", async () => {
    for (const line of ["[1]", "not base64!", "[", "{}", "AQID"]) {
      const { client, token, sockets } = await longPollMember();
      expect(await client.post(token, [line])).toEqual({ status: 408 });
      expect(await client.post(token, [JOIN])).toEqual({ status: 410 });
      await expect.poll(() => sockets.stats().sockets).toBe(0);
    }
  });

  it("a body of another content type is one frame; a POST does not wait for its handler", async () => {
    const { client, token } = await longPollMember({ limits: { longPollWindowMs: 1000 } });
    const slow = JSON.stringify(["1", "2", T, "slow", { ms: 50 }]);
    expect(await client.postBody(token, slow, "application/json")).toEqual({ status: 200 });
    expect(await client.frames(token)).toEqual([["1", "2", T, "phx_reply", ok({ slept: true })]]);
  });

  it("the token in the header takes precedence over the query", async () => {
    const { client, token, sockets } = await longPollMember();
    sockets.broadcast(T, "hi", {});
    const answer = await client.ask({ token: "bogus", headers: { "x-phoenix-longpoll-token": token } });
    expect(answer).toMatchObject({ status: 200, token });
  });

  it("preflights are answered; other methods get 400", async () => {
    const { port } = await serveRoom();
    const { url } = poller(port);
    const preflight = await fetch(url, {
      method: "OPTIONS",
      headers: { "access-control-request-headers": "x-a, x-b" },
    });
    expect(preflight.status).toBe(200);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "get, post, options",
      "access-control-allow-headers": "x-a, x-b",
      "access-control-max-age": "3600",
    });
    for (const method of ["PUT", "DELETE"]) expect((await fetch(url, { method })).status).toBe(400);
  });

  it("a trailing newline and an empty body are accepted", async () => {
    const { client, token } = await longPollMember();
    expect(await client.postBody(token, `${JSON.stringify(["1", "2", T, "ok", {}])}\n`)).toEqual({ status: 200 });
    expect(await client.postBody(token, "")).toEqual({ status: 200 });
    expect(await client.postBody(token, "", "text/plain")).toEqual({ status: 200 });
    expect(await client.frames(token)).toHaveLength(1);
  });
});
