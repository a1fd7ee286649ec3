import { describe, expect, it } from "vitest";

import { serveNodes } from "./support/serve-nodes.ts";

const T = "room:a";
const JOIN = ["1", "1", T, "phx_join", {}];
const ok = (response: unknown = {}) => ({ status: "ok", response });
const JOINED = ["1", "1", T, "phx_reply", ok()];

/** A session of the first node that has joined, and clients of the first and two other nodes. */
async function session(overrides: Parameters<typeof serveNodes>[1] = {}) {
  const { owner, others, shared, shelf } = await serveNodes(3, overrides);
  const [second, third] = others;
  if (!second || !third) throw new Error("three nodes were started");
  const token = await owner.client.open();
  await second.client.post(token, [JOIN]);
  expect(await third.client.frames(token)).toEqual([JOINED]);
  return { owner, second, third, token, shared, shelf };
}

/** How often nodes sent each other mail of this type. */
function mails(shared: Awaited<ReturnType<typeof serveNodes>>["shared"], type: string): number {
  return shared.heard.filter(({ message }) => message.startsWith(`{"type":"${type}"`)).length;
}

describe("long poll over several nodes", () => {
  it("every request may reach another node", async () => {
    const { owner, second, third, token } = await session();
    for (const [at, { client }] of [owner, second, third, second].entries()) {
      expect(await client.post(token, [["1", String(at), T, "echo", { at }]])).toEqual({ status: 200 });
      const next = [second, third, owner, third][at]?.client;
      expect(await next?.frames(token)).toEqual([["1", String(at), T, "phx_reply", ok({ at })]]);
    }
    expect(owner.sockets.stats().longPollSessions).toBe(1);
    expect(second.sockets.stats().longPollSessions).toBe(0);
  });

  it("a poll waits at the session's node, and times out there", async () => {
    const { owner, second, third, token } = await session({ limits: { longPollWindowMs: 300 } });
    expect(await second.client.ask({ token })).toEqual({ status: 204, token, messages: [] });
    const asking = owner.room.members.size;
    expect(asking).toBe(1);
    const answer = third.client.ask({ token });
    owner.sockets.broadcast(T, "news", {});
    expect((await answer).messages).toEqual([JSON.stringify([null, null, T, "news", {}])]);
  });

  it("only the latest of several GETs at different nodes gets messages", async () => {
    const { owner, second, third, token, shared } = await session({ limits: { longPollWindowMs: 500 } });
    const before = mails(shared, "ask");
    const older = second.client.ask({ token });
    await expect.poll(() => mails(shared, "ask")).toBe(before + 1);
    const latest = third.client.ask({ token });
    await expect.poll(() => mails(shared, "ask")).toBe(before + 2);
    owner.sockets.broadcast(T, "news", {});
    expect(await latest).toMatchObject({ status: 200 });
    expect(await older).toMatchObject({ status: 204, messages: [] });
  });

  it("a poll acknowledges the answer to the one before, wherever that was", async () => {
    const { owner, second, third, token } = await session();
    const read: number[] = [];
    for (const member of owner.room.members) member.push("a", {}, () => read.push(1));
    await second.client.frames(token);
    expect(read).toEqual([]);
    const next = third.client.ask({ token });
    await expect.poll(() => read).toEqual([1]);
    for (const member of owner.room.members) member.push("b", {}, () => read.push(2));
    await next;
    expect(read).toEqual([1]);
  });

  it("a cancelled poll loses no messages", async () => {
    const { owner, second, third, token, shared } = await session();
    const given = new AbortController();
    const before = mails(shared, "ask");
    const answer = second.client.ask({ token, signal: given.signal });
    answer.catch(() => {});
    await expect.poll(() => mails(shared, "ask")).toBe(before + 1);
    given.abort();
    await expect.poll(() => mails(shared, "finish")).toBe(1);
    owner.sockets.broadcast(T, "kept", {});
    expect(await third.client.frames(token)).toEqual([[null, null, T, "kept", {}]]);
  });

  it("an answer that is lost on its way ends the session, so that the client catches up in a new one", async () => {
    const { owner, second, third, token, shared } = await session();
    const given = new AbortController();
    const before = mails(shared, "ask");
    const answer = second.client.ask({ token, signal: given.signal });
    answer.catch(() => {});
    await expect.poll(() => mails(shared, "ask")).toBe(before + 1);
    second.line.hold();
    owner.sockets.broadcast(T, "lost", {});
    given.abort();
    await expect.poll(() => mails(shared, "finish")).toBe(1);
    second.line.release();
    await expect.poll(() => owner.sockets.stats().longPollSessions).toBe(0);
    expect(await third.client.post(token, [JOIN])).toEqual({ status: 410 });
  });

  it("a node that leaves ends its sessions, and a poll that waits opens a new one", async () => {
    const { owner, second, third, token, shared } = await session();
    const before = mails(shared, "ask");
    const waiting = second.client.ask({ token });
    await expect.poll(() => mails(shared, "ask")).toBe(before + 1);
    await owner.nodes.close();
    const answer = await waiting;
    expect(answer).toMatchObject({ status: 410, messages: [] });
    expect(second.sockets.stats().longPollSessions).toBe(1);
    expect(await third.client.post(token, [JOIN])).toEqual({ status: 410 });
    expect(await third.client.post(answer.token ?? "", [JOIN])).toEqual({ status: 200 });
  });

  it("a node that does not answer is not waited for, and its own clients go on", async () => {
    const { owner, second, third, token } = await session();
    owner.line.cut();
    const answers = await Promise.all([second.client.post(token, [JOIN]), third.client.ask({ token })]);
    expect(answers).toMatchObject([{ status: 410 }, { status: 410, messages: [] }]);
    expect(await owner.client.post(token, [["1", "2", T, "echo", {}]])).toEqual({ status: 200 });
    expect(await owner.client.frames(token)).toEqual([["1", "2", T, "phx_reply", ok()]]);
  });

  it("a node without a connection keeps clients of others from opening sessions in a loop", async () => {
    const { second } = await session();
    second.line.cut();
    const startedAt = performance.now();
    expect(await second.client.ask({ token: "unknown" })).toMatchObject({ status: 410 });
    expect(performance.now() - startedAt).toBeGreaterThan(900);
  });

  it("only the node itself can make a token that names it", async () => {
    const { owner, second, third, token, shared } = await session();
    const [node = "", user = "", random = "", signature = ""] = token.split(".");
    expect(node).toBe(owner.nodes.id);
    const other = await second.client.open();
    const forged = [
      [third.nodes.id, user, random, signature],
      [node, user, other.split(".")[2], signature],
      [node, other.split(".")[1], random, signature],
      [node, user, random, ""],
      [node, user, random, other.split(".")[3]],
      [node, user, random],
      [node, user, random, signature, ""],
      [node],
      ["__proto__", user, random, signature],
    ].map((parts) => parts.join("."));
    const before = mails(shared, "ask");
    for (const guess of [...forged, "x".repeat(5_000)]) {
      expect(await third.client.post(guess, [JOIN])).toEqual({ status: 410 });
      expect(await third.client.ask({ token: guess })).toMatchObject({ status: 410 });
    }
    expect(mails(shared, "ask")).toBe(before);
    expect(Buffer.from(random, "base64url").length).toBe(24);
  });

  it("tokens of one user have nothing in common that tells who it is", async () => {
    const { owner, others } = await serveNodes(2);
    const own = [await owner.client.open(), await owner.client.open()].map((token) => token.split(".")[1]);
    const there = (await others[0]?.client.open())?.split(".")[1];
    expect(own[0]).toBe(own[1]);
    expect(there).not.toBe(own[0]);
  });

  it("large bodies and answers do not go through a channel, and are gone when they were read", async () => {
    const { second, third, token, shared, shelf } = await session();
    const text = "ä".repeat(300_000);
    expect(await second.client.post(token, [["1", "2", T, "echo", { text }]])).toEqual({ status: 200 });
    expect(await third.client.frames(token)).toEqual([["1", "2", T, "phx_reply", ok({ text })]]);
    expect(Math.max(...shared.heard.map(({ message }) => message.length))).toBeLessThan(100_000);
    expect(shelf.size).toBe(0);
  });

  it("binary frames arrive as they are", async () => {
    const { second, third, token } = await session();
    const header = Buffer.from([0, 1, 1, T.length, 2]);
    const frame = Buffer.concat([header, Buffer.from(`12${T}ok`), Buffer.from([0, 255, 128])]).toString("base64");
    expect(await second.client.post(token, [frame, ["1", "3", T, "echo", {}]])).toEqual({ status: 200 });
    const replies = ["2", "3"].map((ref) => ["1", ref, T, "phx_reply", ok()]);
    expect(await third.client.frames(token)).toEqual(replies);
  });

  it("a body that is too large is refused where it arrives", async () => {
    const { second, token, shared } = await session({ limits: { batchBytes: 2_000 } });
    const before = mails(shared, "ask");
    const body = "x".repeat(500_000);
    const refused = await fetch(`${second.client.url}&token=${token}`, { method: "POST", body }).catch(() => undefined);
    expect([413, undefined]).toContain(refused?.status);
    expect(mails(shared, "ask")).toBe(before);
  });

  it("POSTs of one session at several nodes are bounded together", async () => {
    const { owner, second, third, token } = await session({
      limits: { userBytesPerSecond: 40_000, batchBytes: 90_000 },
    });
    const frame = (at: number) => [["1", String(at), T, "noreply", { text: "x".repeat(59_000) }]];
    const clients = [owner, second, third].flatMap(({ client }) => [client, client]);
    const answers = await Promise.all(clients.map(({ post }, at) => post(token, frame(at)).catch(() => "refused")));
    expect(answers).toContain("refused");
  });

  it("a foreign origin is refused where it asks", async () => {
    const { second, token, shared } = await session();
    const before = mails(shared, "ask");
    const headers = { origin: "http://evil.example" };
    expect(await second.client.ask({ token, headers })).toMatchObject({ status: 403, reason: "origin_not_allowed" });
    expect(await second.client.ask({ token, headers, method: "POST" })).toMatchObject({ status: 403 });
    expect(mails(shared, "ask")).toBe(before);
  });

  it("a node that closes answers the polls that wait at it, and their sessions go on", async () => {
    const { owner, second, third, token, shared } = await session();
    const before = mails(shared, "ask");
    const waiting = second.client.ask({ token });
    await expect.poll(() => mails(shared, "ask")).toBe(before + 1);
    await second.sockets.close();
    expect(await waiting).toEqual({ status: 204, token, messages: [] });
    owner.sockets.broadcast(T, "kept", {});
    expect(await third.client.frames(token)).toEqual([[null, null, T, "kept", {}]]);
  });

  it("a drain of the session's node sends its clients away, wherever they poll", async () => {
    const { owner, second, token, shared } = await session();
    const before = mails(shared, "ask");
    const waiting = second.client.ask({ token });
    await expect.poll(() => mails(shared, "ask")).toBe(before + 1);
    await owner.sockets.drain({ spreadMs: 0, timeoutMs: 5_000 });
    expect(await waiting).toEqual({ status: 500 });
    expect(await second.client.ask({ token })).toMatchObject({ status: 410 });
  });
});
