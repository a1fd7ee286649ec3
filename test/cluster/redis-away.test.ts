import { setTimeout as sleep } from "node:timers/promises";
import { Presence } from "phoenix";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Conversation } from "../support/client.ts";
import { simple } from "../support/conversation.ts";
import { size } from "../support/size.ts";
import { type Cluster, cluster } from "./support/cluster.ts";

/** Watchers have everything again this long after Redis is there again. */
const caughtUpMs = 2_500; // 2 s, and the machine may be busy

let nodes: Cluster;

beforeAll(async () => {
  nodes = await cluster({ nodes: 2 });
});

afterAll(() => nodes.close());

interface Absence {
  begin(): Promise<unknown> | unknown;
  end(): Promise<unknown> | unknown;
  /** How long it is away. */
  ms: number;
}

/** Ways to lose Redis. */
const absences: Record<string, () => Absence> = {
  killed: () => ({ begin: () => nodes.redis.end("SIGKILL"), end: () => nodes.redis.start(), ms: 1500 }),
  paused: () => ({
    begin: () => nodes.redis.signal("SIGSTOP"),
    end: () => nodes.redis.signal("SIGCONT"),
    ms: size(6000, 30_000),
  }),
  emptied: () => ({ begin: () => nodes.redis.ask("FLUSHALL"), end: () => {}, ms: 0 }),
  "cut off from the node that runs the turn": () => cutOff(0),
  "cut off from the node of the watcher": () => cutOff(1),
  "half open to the node that runs the turn": () => halfOpen(0),
  "half open to the node of the watcher": () => halfOpen(1),
};

const cutOff = (index: number): Absence => {
  const { redis } = nodes.node(index);
  return { begin: () => redis.refuse(), end: () => redis.accept(), ms: 1500 };
};

/** It is noticed, and another connection is made, by the node itself. */
const halfOpen = (index: number): Absence => {
  return { begin: () => nodes.node(index).redis.halfOpen(), end: () => {}, ms: 4000 };
};

let talks = 0;

async function two() {
  talks += 1;
  const id = `away-${talks}`;
  const clients = await Promise.all([nodes.node(0).connect(), nodes.node(1).connect()]);
  const [asker, watcher] = [await clients[0].join(id), await clients[1].join(id)];
  const close = async () => void (await Promise.all(clients.map((client) => client.close())));
  return { asker, watcher, [Symbol.asyncDispose]: close };
}

/** The longest time without a delta. */
function silenceMs({ events }: Conversation): number {
  const times = events.filter(({ event }) => event === "response_delta").map(({ at }) => at);
  return Math.max(...times.slice(1).map((at, index) => at - (times[index] ?? at)));
}

const devices = ({ events }: Conversation) => {
  let state: object = {};
  for (const { event, payload } of events) {
    if (event === "presence_state") state = Presence.syncState(state, payload);
    if (event === "presence_diff") state = Presence.syncDiff(state, payload as never);
  }
  return Presence.list(state, (_key, { metas }: { metas: object[] }) => metas.length).reduce((a, b) => a + b, 0);
};

describe.each(Object.entries(absences))("while Redis is %s", (_name, absence) => {
  it("the turn goes on, its own members notice nothing, and the others catch up", { timeout: 120_000 }, async () => {
    await using talk = await two();
    const { begin, end, ms } = absence();
    const words = Math.ceil((ms + 3000) / 50);
    nodes.model.next({ chunks: Array.from({ length: words }, (_, index) => `${index} `), chunkDelayMs: 50 });
    const { turn_id } = (await talk.asker.push("message", { content: "?", ...simple })).response;
    await talk.watcher.next("response_delta");
    await begin();
    await sleep(ms);
    await end();
    const endedAt = performance.now();
    await talk.watcher.next("response_delta", () => performance.now() >= endedAt && isBehindNoMore(talk), caughtUpMs);
    const [here, there] = [await talk.asker.turn(turn_id, 60_000), await talk.watcher.turn(turn_id, 20_000)];
    expect(silenceMs(talk.asker)).toBeLessThan(1000);
    expect(there.text).toBe(here.text);
    expect(there.terminal).toEqual(here.terminal);
    for (const one of [talk.asker, talk.watcher]) expect(one.terminals(turn_id)).toHaveLength(1);
    for (const one of [talk.asker, talk.watcher]) await expect.poll(() => devices(one)).toBe(2);
  });

  it("a turn that begins and ends is told afterwards, exactly once", { timeout: 120_000 }, async () => {
    await using talk = await two();
    const { begin, end, ms } = absence();
    await begin();
    nodes.model.next("Said meanwhile.");
    const { turnId, terminal } = await talk.asker.ask("?", simple);
    await sleep(ms);
    await end();
    const there = await talk.watcher.turn(turnId, 8000);
    expect(there.terminal).toEqual(terminal);
    nodes.model.next("And later.");
    const next = await talk.asker.ask("?", simple);
    expect((await talk.watcher.turn(next.turnId)).text).toBe("And later.");
    expect(talk.watcher.terminals(turnId)).toHaveLength(1);
  });
});

/** The watcher has what the asker had a moment ago. */
function isBehindNoMore({ asker, watcher }: { asker: Conversation; watcher: Conversation }): boolean {
  const length = ({ events }: Conversation) =>
    Math.max(
      0,
      ...events
        .filter(({ event }) => event === "response_delta")
        .map(({ payload }) => payload.offset + payload.text.length),
    );
  return length(watcher) >= length(asker) - 30;
}

it("a changed context and a new session are told afterwards", { timeout: 60_000 }, async () => {
  await using talk = await two();
  await nodes.redis.end("SIGKILL");
  await talk.asker.push("set_context", { context: { plan: "free" } });
  await sleep(500);
  await nodes.redis.start();
  expect(await talk.watcher.next("context_updated")).toMatchObject({ context: { plan: "free" } });
  await nodes.redis.end("SIGKILL");
  const { response } = await talk.asker.push("new_conversation");
  await sleep(500);
  await nodes.redis.start();
  expect(await talk.watcher.next("conversation_reset")).toMatchObject({ session_id: response.session_id });
});

it("the members of a node that is killed are no longer present after a few seconds", { timeout: 60_000 }, async () => {
  await using talk = await two();
  await expect.poll(() => devices(talk.asker)).toBe(2);
  await nodes.node(1).kill();
  await expect.poll(() => devices(talk.asker), { timeout: 10_000 }).toBe(1);
  await nodes.node(1).start();
  await expect.poll(() => devices(talk.asker), { timeout: 20_000 }).toBe(2);
});
