import { Presence, Socket } from "phoenix";
import { afterAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";

import { conversation } from "../../packages/client/conversation.ts";
import { start, unlimited } from "../support/start.ts";

const server = await start({ ...unlimited, MAX_DEVICES_PER_CONVERSATION: "30" });
afterAll(() => server.close());

const fresh = () => crypto.randomUUID();

describe("when one device too many joins", () => {
  it("the one that did nothing for longest is told why, and does not come back", async () => {
    await using client = await server.connect();
    await using others = await server.connect();
    const id = fresh();
    const [busy, idle] = [await client.join(id), await (await server.connect()).join(id)];
    await busy.push("typing", { typing: false });
    const closed = new Promise<void>((resolve) => void idle.channel.onClose(() => resolve()));
    const sockets = await Promise.all(Array.from({ length: 29 }, () => server.connect()));
    for (const socket of sockets) await socket.join(id);
    expect(await idle.next("error")).toMatchObject({
      message: expect.stringContaining("30 devices"),
      details: { code: "busy" },
    });
    await closed;
    expect((await busy.push("typing", { typing: false })).status).toBe("ok");
    expect(idle.channel.state).toBe("closed");
    await (await others.join(fresh())).push("typing", { typing: false });
    await Promise.all(sockets.map((socket) => socket.close()));
  });

  it("the typed client settles what it has asked, and tells why", async () => {
    const id = fresh();
    const socket = new Socket(server.url, { transport: WebSocket, params: { api_key: "key-a" } });
    socket.connect();
    const told: unknown[] = [];
    const mine = conversation(socket, id, { on: { closed: (error) => void told.push(error) } });
    await mine.joined;
    const sockets = await Promise.all(Array.from({ length: 30 }, () => server.connect()));
    for (const one of sockets) await one.join(id);
    await expect.poll(() => told).toMatchObject([{ code: "left", message: expect.stringContaining("30 devices") }]);
    await expect(mine.ask("Hello?").response).rejects.toMatchObject({ code: "left" });
    socket.disconnect();
    await Promise.all(sockets.map((one) => one.close()));
  });
});

it("devices that join together are told of each other in few frames, and all know all", async () => {
  const id = fresh();
  const sockets = await Promise.all(Array.from({ length: 30 }, () => server.connect()));
  const lists = sockets.map(({ socket }) => {
    const channel = socket.channel(`conversation:${id}`);
    const presence = new Presence(channel);
    let diffs = 0;
    channel.on("presence_diff", () => {
      diffs += 1;
    });
    channel.join();
    return { size: () => presence.list((_, { metas }) => metas.length)[0], diffs: () => diffs };
  });
  await expect.poll(() => lists.map(({ size }) => size())).toEqual(lists.map(() => 30));
  for (const { diffs } of lists) expect(diffs()).toBeLessThan(15);
  for (const { socket } of sockets.slice(10)) socket.disconnect();
  await expect.poll(() => lists.slice(0, 10).map(({ size }) => size())).toEqual(lists.slice(0, 10).map(() => 10));
  await Promise.all(sockets.slice(0, 10).map((one) => one.close()));
});

it("however often a member starts and stops typing, the others are told seldom, and of its last state", async () => {
  await using client = await server.connect();
  await using other = await server.connect();
  const id = fresh();
  const [mine, theirs] = [await client.join(id), await other.join(id)];
  await Promise.all(Array.from({ length: 201 }, (_, at) => mine.push("typing", { typing: at % 2 === 0 })));
  const told = () => theirs.events.filter(({ event }) => event === "typing");
  await expect.poll(() => told().at(-1)?.payload).toMatchObject({ typing: true });
  expect(told().length).toBeLessThan(10);
});
