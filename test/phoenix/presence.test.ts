import { describe, expect, it } from "vitest";
import { type PresenceDiff, presence } from "../../src/phoenix/presence.ts";
import { rawClient } from "./support/raw-client.ts";
import { serveRoom } from "./support/serve-room.ts";

const T = "room:pres";
type Frame = [string | null, string | null, string, string, Record<string, unknown>];

describe("presence over sockets", () => {
  it("behaves as recorded: join, second device, update, leave, lost connection", async () => {
    const { url } = await serveRoom();
    const [alice, phone, laptop] = [await rawClient(url), await rawClient(url), await rawClient(url)];
    const next = async (client: typeof alice) => (await client.frame()) as Frame;
    const join = async (client: typeof alice, ref: string, payload: object) => {
      client.send([ref, ref, T, "phx_join", payload]);
      const [reply, diff, state] = [await next(client), await next(client), await next(client)];
      expect(reply).toEqual([ref, ref, T, "phx_reply", { status: "ok", response: {} }]);
      expect(diff.slice(0, 4)).toEqual([null, null, T, "presence_diff"]);
      expect(state.slice(0, 4)).toEqual([ref, null, T, "presence_state"]);
      return { diff: diff[4], state: state[4] };
    };

    const first = await join(alice, "1", { key: "alice", meta: { status: "on" } });
    const here = { alice: { metas: [{ phx_ref: expect.any(String), status: "on" }] } };
    expect(first).toEqual({ diff: { joins: here, leaves: {} }, state: here });
    await join(phone, "7", { key: "bob" });
    await alice.frame();
    const second = await join(laptop, "3", { key: "bob", meta: { dev: 2 } });
    await Promise.all([alice.frame(), phone.frame()]);
    expect(second.state).toEqual({
      ...first.state,
      bob: { metas: [{ phx_ref: expect.any(String) }, { phx_ref: expect.any(String), dev: 2 }] },
    });

    alice.send(["1", "2", T, "pres_update", { meta: { status: "away" } }]);
    const update = await next(phone);
    const before = (first.state as typeof here).alice.metas[0];
    expect(update[4]).toEqual({
      joins: { alice: { metas: [{ phx_ref: expect.any(String), phx_ref_prev: before?.phx_ref, status: "away" }] } },
      leaves: { alice: { metas: [before] } },
    });
    await laptop.frame();

    laptop.send(["3", "4", T, "phx_leave", {}]);
    expect([await next(laptop), await next(laptop)]).toMatchObject([{ 3: "phx_reply" }, { 3: "phx_close" }]);
    expect((await next(phone))[4]).toEqual({
      joins: {},
      leaves: { bob: { metas: [expect.objectContaining({ dev: 2 })] } },
    });
    alice.webSocket.terminate();
    expect((await next(phone))[4]).toEqual({ joins: {}, leaves: { alice: { metas: [expect.anything()] } } });
    phone.send(["8", "8", T, "phx_join", { key: "bob" }]);
    const again = [await next(phone), await next(phone), await next(phone), await next(phone)];
    expect(again.map(([, , , event]) => event)).toEqual(["phx_reply", "phx_close", "presence_diff", "presence_state"]);
  });
});

describe("a presence tracker", () => {
  it("accepts keys such as __proto__", () => {
    const diffs: PresenceDiff[] = [];
    const tracker = presence((_topic, diff) => diffs.push(diff));
    const member = { topic: "t" };
    tracker.track(member, "__proto__", { a: 1 });
    expect(JSON.stringify(tracker.state("t"))).toMatch(
      /^\{"__proto__":\{"metas":\[\{"a":1,"phx_ref":"[\w-]+"\}\]\}\}$/,
    );
    expect(({} as { metas?: unknown }).metas).toBeUndefined();
    tracker.untrack(member);
    tracker.untrack(member);
    tracker.update(member, {});
    expect(diffs).toHaveLength(2);
    expect(tracker.state("t")).toEqual({});
  });

  it("gives every meta its own phx_ref, even if it brings one", () => {
    const tracker = presence(() => {});
    for (let at = 0; at < 100; at += 1) tracker.track({ topic: "t" }, "ann", { phx_ref: "mine" });
    expect(new Set(tracker.state("t").ann?.metas.map((meta) => meta.phx_ref)).size).toBe(100);
  });
});
