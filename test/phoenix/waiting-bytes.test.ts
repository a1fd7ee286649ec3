import { once } from "node:events";
import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";

import type { Channel, Reply } from "../../src/phoenix/channel.ts";
import { serializerV2 } from "../../src/phoenix/wire/serializer-v2.ts";
import { inProcess } from "./support/in-process.ts";
import { longPollMember } from "./support/long-poll-member.ts";
import { poller } from "./support/poller.ts";
import { quietLog } from "./support/quiet-log.ts";
import { rawClient } from "./support/raw-client.ts";
import type { Assigns } from "./support/room-channel.ts";
import { serveRoom } from "./support/serve-room.ts";

const megabyte = 1024 * 1024;

/** A channel that answers nothing before `release`, and keeps what it was given. */
function holding() {
  const waiting: (() => void)[] = [];
  let bytes = 0;
  const hold = <T>(payload: unknown, then: T) => {
    bytes += JSON.stringify(payload).length;
    return new Promise<T>((resolve) => waiting.push(() => resolve(then)));
  };
  const reply: Reply = { status: "ok", response: {} };
  const channel: Channel<Assigns> = {
    join: (payload, { topic }) => {
      const joined = { handle: (message: { payload: unknown }) => hold(message.payload, reply) };
      return topic.startsWith("held:join") ? hold(payload, joined) : joined;
    },
  };
  return { channel, release: () => waiting.splice(0).map((one) => one()), bytes: () => bytes };
}

const nextTask = () => new Promise((resolve) => setImmediate(resolve));
const ofStatus = (frames: unknown[][], status: string) =>
  frames.filter(({ 4: payload }) => (payload as Reply).status === status);

describe("bytes that wait in the channels of a socket", () => {
  it("are bounded, for messages: the rest is refused as busy, and later ones are taken", async () => {
    const { channel, release, bytes } = holding();
    const { connect } = inProcess(quietLog, { "held:*": channel });
    const client = connect(serializerV2);
    const topics = Array.from({ length: 40 }, (_, n) => `held:${n}`);
    for (const topic of topics) client.send(["1", "1", topic, "phx_join", {}]);
    client.heard();
    for (const topic of topics)
      for (const ref of ["2", "3"]) client.send(["1", ref, topic, "keep", { text: "x".repeat(50_000) }]);
    const refused = ofStatus(client.heard(), "error");
    expect(refused).toHaveLength(60);
    expect(refused[0]?.[4]).toMatchObject({ response: { reason: "busy", details: { code: "busy" } } });
    expect(bytes()).toBeLessThan(megabyte);
    for (let round = 0; round < 3; round += 1) {
      release();
      await nextTask();
    }
    expect(ofStatus(client.heard(), "ok")).toHaveLength(20);
    client.send(["1", "4", "held:0", "keep", { text: "x".repeat(900_000) }]);
    release();
    await nextTask();
    expect(client.heard()).toMatchObject([["1", "4", "held:0", "phx_reply", { status: "ok" }]]);
  });

  it("are bounded, for joins", async () => {
    const { channel, bytes } = holding();
    const { connect } = inProcess(quietLog, { "held:*": channel });
    const client = connect(serializerV2);
    for (let at = 0; at < 40; at += 1)
      client.send(["1", "1", `held:join-${at}`, "phx_join", { text: "x".repeat(100_000) }]);
    expect(ofStatus(client.heard(), "error")).toHaveLength(30);
    expect(bytes()).toBeLessThan(megabyte);
  });

  it("count many small values by the memory that they take", () => {
    const { channel, bytes } = holding();
    const { connect } = inProcess(quietLog, { "held:*": channel });
    const client = connect(serializerV2);
    for (let at = 0; at < 40; at += 1) {
      client.send(["1", "1", `held:${at}`, "phx_join", {}]);
      client.send(["1", "2", `held:${at}`, "keep", Array.from({ length: 10_000 }, () => [])]);
    }
    expect(bytes()).toBeLessThan(megabyte / 8);
  });

  it("are bounded over all sockets of a user, and free again when those have gone", async () => {
    const { channel, bytes } = holding();
    const { connect } = inProcess(quietLog, { "held:*": channel });
    const send = () => {
      const clients = Array.from({ length: 20 }, () => connect(serializerV2, "somebody"));
      for (const client of clients) {
        client.send(["1", "1", "held:a", "phx_join", {}]);
        client.send(["1", "2", "held:a", "keep", { text: "x".repeat(900_000) }]);
      }
      return clients;
    };
    for (const client of send()) client.socket.close(1001, "");
    await nextTask();
    const first = bytes();
    expect(first).toBeLessThan(8 * megabyte);
    const other = connect(serializerV2, "other");
    other.send(["1", "1", "held:a", "phx_join", {}], ["1", "2", "held:a", "keep", { text: "x".repeat(900_000) }]);
    expect(ofStatus(other.heard(), "error")).toEqual([]);
    send();
    expect(bytes() - first).toBeGreaterThan(7 * megabyte);
  });

  it("are bounded while frames arrive: a user cannot begin any number of large ones", async () => {
    const { url, sockets } = await serveRoom();
    const closes: number[] = [];
    const unfinished = Buffer.concat([
      Buffer.from([0x01, 0xff, 0, 0, 0, 0, 0, 0x0f, 0, 0, 1, 2, 3, 4]),
      Buffer.alloc(900_000),
    ]);
    for (let at = 0; at < 20; at += 1) {
      const webSocket = new WebSocket(`${url}/websocket?vsn=2.0.0`);
      webSocket.on("close", (code) => closes.push(code)).on("error", () => {});
      await once(webSocket, "open");
      // `ws` has no way to send a part of a frame.
      Object(webSocket)._socket.write(unfinished);
    }
    await expect.poll(() => closes.length).toBeGreaterThanOrEqual(10);
    expect(new Set(closes)).toEqual(new Set([1013]));
    expect(sockets.stats().sockets).toBeLessThanOrEqual(10);
    expect(await (await rawClient(`${url}`)).settled()).toEqual([]);
  });
});

describe("what a user sends", () => {
  it("is read more slowly than it comes, where it is too much, and others are not affected", async () => {
    const { url, room } = await serveRoom({
      connect: ({ params }) => ({ assigns: { name: "" }, id: String(params.name) }),
      limits: { userBytesPerSecond: 100_000, frameCostBytes: 1_000 },
    });
    const open = async (name: string) => {
      const client = new WebSocket(`${url}/websocket?vsn=2.0.0&name=${name}`);
      await once(client, "open");
      client.send(JSON.stringify(["1", "1", `room:${name}`, "phx_join", {}]));
      return client;
    };
    const [greedy, other] = [await open("greedy"), await open("other")];
    const frame = JSON.stringify(["1", "2", "room:greedy", "noreply", { text: "x".repeat(10_000) }]);
    for (let at = 0; at < 400; at += 1) greedy.send(frame);
    const began = performance.now();
    other.send(JSON.stringify(["1", "2", "room:other", "echo", {}]));
    await once(other, "message"); // the join's reply
    // 36 frames are read at once, and what the network brings with them; 20 more take two seconds, or one at the least.
    await expect.poll(() => room.handled.length).toBeGreaterThan(55);
    expect(room.handled.length).toBeLessThan(200);
    expect(performance.now() - began).toBeGreaterThan(300);
    for (const one of [greedy, other]) one.terminate();
  });
});

describe("bytes that wait for a client", () => {
  it("are bounded over all sockets of a user: those with more than their share are closed", () => {
    const { connect, topics } = inProcess(quietLog);
    const clients = Array.from({ length: 20 }, () => connect(serializerV2, "somebody"));
    const other = connect(serializerV2, "other");
    for (const client of [...clients, other]) {
      client.send(["1", "1", "room:a", "phx_join", {}]);
      client.readsNothing();
    }
    for (let at = 0; at < 9; at += 1) topics.broadcast("room:a", "piece", { text: "x".repeat(100_000) });
    const unsent = clients.filter(({ closedWith }) => closedWith === undefined).map(({ unsent }) => unsent());
    expect(unsent.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(8 * megabyte);
    expect(clients.filter(({ closedWith }) => closedWith === 1013).length).toBeGreaterThan(0);
    expect(other.closedWith).toBeUndefined();
  });

  it("count on long poll until the network has taken them", async () => {
    const { port, token, room, sockets } = await longPollMember({ limits: { congestedBytes: 10_000 } });
    const [member] = room.members;
    member?.push("piece", { text: "x".repeat(30_000_000) });
    // The answer is larger than the buffers of the network, and nobody reads it.
    const poll = request({ port, path: `/socket/longpoll?vsn=2.0.0&token=${token}`, agent: false }).end();
    const [response] = await once(poll, "response");
    response.pause();
    expect(member?.congested).toBe(true);
    member?.push("piece", { text: "x".repeat(30_000_000) });
    member?.push("piece", { text: "x".repeat(30_000_000) });
    await expect.poll(() => sockets.stats().sockets).toBe(0);
    poll.destroy();
  });

  it("are not pongs: a client that reads nothing gets none", async () => {
    const { url, sockets } = await serveRoom();
    const client = await rawClient(url);
    client.webSocket.pause();
    const sent = Buffer.alloc(125);
    for (let at = 0; at < 60_000; at += 1) client.webSocket.ping(sent);
    await expect.poll(() => Object(client.webSocket)._socket.writableLength).toBe(0);
    expect(sockets.stats().longestBacklog).toBeLessThan(100_000);
    client.webSocket.resume();
    expect(await client.settled()).toEqual([]);
  });
});

describe("the POSTs of a long poll session", () => {
  it("are bounded together", async () => {
    const { port } = await serveRoom();
    const client = poller(port);
    const token = await client.open();
    const statuses: (number | undefined)[] = [];
    const headers = { "content-type": "application/x-ndjson", "content-length": 900_001 };
    const posts = Array.from({ length: 4 }, () => {
      const post = request({ port, method: "POST", path: `/socket/longpoll?vsn=2.0.0&token=${token}`, headers });
      post.on("response", ({ statusCode }) => statuses.push(statusCode)).on("error", () => statuses.push(undefined));
      post.write("x".repeat(900_000));
      return post;
    });
    await expect.poll(() => statuses.length).toBe(2);
    for (const post of posts) post.destroy();
  });
});
