import { describe, expect, it } from "vitest";
import type { Joined, Member } from "../../src/phoenix/channel.ts";
import { join, joined, ok, T, unmatched } from "./support/frames.ts";
import { rawClient } from "./support/raw-client.ts";
import type { Assigns } from "./support/room-channel.ts";
import { nothingOpen, serveRoom } from "./support/serve-room.ts";

/** A channel whose joins wait until the test releases them. */
function heldJoins() {
  const held: { member: Member<Assigns>; open(channel?: Partial<Joined>): void; fail(error: Error): void }[] = [];
  const channel = {
    join: (_payload: unknown, member: Member<Assigns>) =>
      new Promise<Joined>((resolve, reject) => {
        held.push({ member, open: (extra) => resolve({ handle: () => ok(), ...extra }), fail: reject });
      }),
  };
  return { routes: { "room:*": channel }, held };
}

describe("joining", () => {
  it("the 101st channel is refused until the client leaves another", async () => {
    const { url } = await serveRoom();
    const client = await rawClient(url);
    for (let at = 1; at <= 101; at += 1) client.send(join(`${at}`, `room:${at}`));
    const heard = await client.settled();
    expect(heard).toHaveLength(101);
    expect(heard[100]).toEqual([
      "101",
      "101",
      "room:101",
      "phx_reply",
      { status: "error", response: { reason: "too many channels joined" } },
    ]);
    client.send(["1", "x", "room:1", "phx_leave", {}], join("102", "room:102"));
    expect(await client.settled()).toContainEqual(joined("102", "room:102"));
  });

  it("pending joins count even after they were replaced", async () => {
    const { routes } = heldJoins();
    const { url } = await serveRoom({ routes, limits: { channels: 3 } });
    const client = await rawClient(url);
    client.send(join("1"), join("2"), join("3"), join("4"));
    expect(await client.settled()).toMatchObject([["4", "4", T, "phx_reply", { status: "error" }]]);
  });

  it("the payload of a join may be any JSON value", async () => {
    const { url } = await serveRoom();
    const client = await rawClient(url);
    for (const [at, payload] of [null, [1], "text", 7, true].entries())
      client.send(join(`${at}`, `room:${at}`, payload));
    expect(await client.settled()).toEqual([0, 1, 2, 3, 4].map((at) => joined(`${at}`, `room:${at}`)));
  });

  it("a join_ref that is an object is echoed and compared by value", async () => {
    const { url } = await serveRoom();
    const client = await rawClient(url);
    client.send([{ o: 1 }, "1", T, "phx_join", {}], [{ o: 1 }, "2", T, "ok", {}], [{ o: 2 }, "3", T, "ok", {}]);
    expect(await client.settled()).toEqual([
      [{ o: 1 }, "1", T, "phx_reply", ok()],
      [{ o: 1 }, "2", T, "phx_reply", ok()],
    ]);
  });

  it("pushes made during a join are sent after its reply", async () => {
    const { routes, held } = heldJoins();
    const { url } = await serveRoom({ routes });
    const client = await rawClient(url);
    client.send(join());
    await client.settled();
    held[0]?.member.push("early", { n: 1 });
    held[0]?.open({ afterJoin: () => held[0]?.member.push("after", { n: 2 }) });
    expect([await client.frame(), await client.frame(), await client.frame()]).toEqual([
      joined(),
      ["1", null, T, "early", { n: 1 }],
      ["1", null, T, "after", { n: 2 }],
    ]);
  });

  it("messages wait for a pending join; if it is denied, they are unmatched", async () => {
    const { routes, held } = heldJoins();
    const { url } = await serveRoom({ routes });
    const client = await rawClient(url);
    client.send(join(), ["1", "2", T, "ok", {}], ["0", "3", T, "ok", {}], ["1", "4", T, "phx_leave", {}]);
    expect(await client.settled()).toEqual([]);
    held[0]?.fail(new Error("no"));
    expect([await client.frame(), await client.frame(), await client.frame()]).toEqual([
      ["1", "1", T, "phx_reply", { status: "error", response: { reason: "join crashed" } }],
      unmatched("2"),
      ["1", "4", T, "phx_reply", ok()],
    ]);
  });

  it("leave and rejoin during a pending join replace it: the client gets one phx_close", async () => {
    const { routes, held } = heldJoins();
    const { url, sockets } = await serveRoom({ routes });
    const client = await rawClient(url);
    client.send(join("1"), ["1", "2", T, "phx_leave", {}], join("3"));
    expect(await client.settled()).toEqual([]);
    const left: string[] = [];
    held[1]?.open({ left: (reason) => left.push(`new ${reason}`) });
    expect([await client.frame(), await client.frame()]).toEqual([joined("3"), ["1", "1", T, "phx_close", {}]]);
    held[0]?.open({ left: (reason) => left.push(`old ${reason}`), afterJoin: () => left.push("old opened") });
    held[0]?.member.push("late", {});
    expect(await client.settled()).toEqual([]);
    expect(left).toEqual(["old replaced"]);
    expect(sockets.stats().channels).toBe(1);
  });

  it("a leave during a pending join runs right after the join's reply, without afterJoin", async () => {
    const { routes, held } = heldJoins();
    const { url, sockets } = await serveRoom({ routes });
    const client = await rawClient(url);
    client.send(join(), ["1", "2", T, "phx_leave", {}]);
    await client.settled();
    const noticed: string[] = [];
    held[0]?.open({ left: (reason) => noticed.push(reason), afterJoin: () => noticed.push("opened") });
    expect([await client.frame(), await client.frame(), await client.frame()]).toEqual([
      joined(),
      ["1", "2", T, "phx_reply", ok()],
      ["1", "1", T, "phx_close", {}],
    ]);
    expect(noticed).toEqual(["left"]);
    expect(sockets.stats().channels).toBe(0);
  });

  it("a channel learns that its socket closed during the join", async () => {
    const { routes, held } = heldJoins();
    const { url, sockets } = await serveRoom({ routes });
    const client = await rawClient(url);
    client.send(join());
    await client.settled();
    client.webSocket.terminate();
    await expect.poll(() => sockets.stats().sockets).toBe(0);
    const left = new Promise((resolve) => held[0]?.open({ left: resolve }));
    expect(await left).toBe("closed");
    expect(sockets.stats()).toEqual(nothingOpen);
  });

  it("a join crashes if its reply cannot be encoded", async () => {
    const { routes, held } = heldJoins();
    const { url } = await serveRoom({ routes });
    const client = await rawClient(url);
    client.send(join());
    await client.settled();
    const left = new Promise((resolve) => held[0]?.open({ response: 1n, left: resolve }));
    expect(await left).toBe("crashed");
    expect(await client.frame()).toMatchObject([
      "1",
      "1",
      T,
      "phx_reply",
      { status: "error", response: { reason: "join crashed" } },
    ]);
  });
});
