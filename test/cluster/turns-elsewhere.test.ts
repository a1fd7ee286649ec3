import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { Client, Conversation } from "../support/client.ts";
import { gate } from "../support/gate.ts";
import { askingProject } from "./support/asking-talk.ts";
import { type Cluster, cluster } from "./support/cluster.ts";

const simple = { options: { engine: "simple" } };
const queued = { options: { engine: "simple", when_busy: "queue" } };

/** One conversation, with a device on each of two nodes. */
describe("a turn that runs on another node", () => {
  const project = askingProject();
  let nodes: Cluster;
  let here: Client;
  let there: Client;
  let a: Conversation;
  let b: Conversation;

  beforeAll(async () => {
    nodes = await cluster({ nodes: 2, folder: project.folder });
    here = await nodes.node(0).connect();
    there = await nodes.node(1).connect();
  });
  afterAll(async () => {
    await here.close();
    await there.close();
    await nodes.close();
    project[Symbol.dispose]();
  });
  beforeEach(async () => {
    nodes.model.reset();
    const id = randomUUID();
    a = await here.join(id);
    b = await there.join(id);
  });

  /** Node 0 runs a turn, which has said so much when this resolves. */
  async function running(text = "Half"): Promise<string> {
    const door = gate();
    nodes.model.next({ chunks: [text, " and more"], gate: door });
    const { response } = await a.push("message", { content: "Why?", ...simple });
    door.release();
    await b.next("response_delta", ({ turn_id }) => turn_id === response.turn_id);
    return response.turn_id;
  }

  it("is stopped at once, and keeps its partial answer", async () => {
    const turnId = await running();
    const began = performance.now();
    const { response } = await b.push("stop", { turn_id: turnId });
    expect(response).toEqual({ turn_id: turnId, stopped: true });
    expect(performance.now() - began).toBeLessThan(1_000);
    for (const one of [a, b]) {
      const { text, terminal } = await one.turn(turnId);
      expect(text).toBe("Half");
      expect(terminal.payload).toMatchObject({ response: "Half", metadata: { stopped: true } });
    }
  });

  it("is stopped through the store while its node does not reach Redis", async () => {
    const turnId = await running();
    const { redis } = nodes.node(0);
    redis.refuse();
    redis.cut();
    try {
      const began = performance.now();
      const { response } = await b.push("stop", { turn_id: turnId });
      expect(response).toEqual({ turn_id: turnId, stopped: true });
      expect(performance.now() - began).toBeLessThan(3_000);
    } finally {
      redis.accept();
    }
    for (const one of [a, b]) expect((await one.turn(turnId)).text).toBe("Half");
  });

  it("says nothing more once its session has ended", async () => {
    const turnId = await running();
    const request = await nodes.model.waitForRequest(1);
    await b.push("new_conversation");
    await request.closed;
    expect(request.closedByClientAt).toBeDefined();
    for (const one of [a, b]) {
      await one.next("conversation_reset");
      const [reset] = one.events.filter(({ event }) => event === "conversation_reset");
      await one.push("typing", { typing: false });
      const late = one.events.filter(({ payload, at }) => payload.turn_id === turnId && at > (reset?.at ?? 0));
      expect(late).toEqual([]);
    }
  });

  it.each(["edit", "regenerate"])("is stopped by %s, and the new one runs", async (event) => {
    const turnId = await running();
    const { status, response } = await b.push<"edit">(event as "edit", { turn_id: turnId, content: "Why not?" });
    expect([status, response]).toMatchObject(["ok", { replaces: turnId }]);
    for (const one of [a, b]) {
      expect((await one.turn(turnId)).terminal.payload).toMatchObject({ metadata: { stopped: true } });
      expect((await one.turn(response.turn_id)).terminal.payload.response).toMatch(/^Answer to: Why/);
    }
  });

  it("is followed at once by what was accepted on either node, in order", async () => {
    const door = gate();
    nodes.model.next({ text: "1", gate: door });
    const replies = [];
    for (const [index, one] of [a, b, a, b].entries())
      replies.push((await one.push("message", { content: `${index + 1}?`, ...queued })).response);
    expect(replies.map(({ position }) => position)).toEqual([0, 1, 2, 3]);
    await nodes.model.waitForRequest(1);
    const began = performance.now();
    door.open();
    for (const { turn_id } of replies) for (const one of [a, b]) await one.turn(turn_id);
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(nodes.model.requests.map(({ user }) => user)).toEqual(["1?", "2?", "3?", "4?"]);
  });

  it("goes on with an answer from another node, while neither reaches Redis", async () => {
    const content = join(project.effects, randomUUID());
    const { response } = await a.push("message", { content, options: { engine: "careful" } });
    const { requests } = await b.next("input_requested", ({ turn_id }) => turn_id === response.turn_id);
    for (const { redis } of nodes.nodes) {
      redis.refuse();
      redis.cut();
    }
    try {
      const responses = requests.map(({ interrupt_id }) => ({ interrupt_id, value: "yes" }));
      const reply = await b.push("respond", { turn_id: response.turn_id, responses });
      expect(reply.status).toBe("ok");
      expect((await b.turn(response.turn_id)).terminal.payload.response).toBe("May I?\n\nDone.");
    } finally {
      for (const { redis } of nodes.nodes) redis.accept();
    }
    expect((await a.turn(response.turn_id)).terminal.payload.response).toBe("May I?\n\nDone.");
  });
});

it("a node that leaves hands over what runs, waits and is queued, at once and without counting a crash", {
  timeout: 120_000,
}, async () => {
  await using nodes = await cluster({ nodes: 2, env: { DRAIN_TIMEOUT_MS: "300", MAX_RUNNING_TURNS_PER_USER: "1" } });
  const [first, second] = [nodes.node(0), nodes.node(1)];
  await using client = await first.connect();
  const conversation = await client.join(randomUUID());
  const other = await client.join(randomUUID());
  const doors = Array.from({ length: 5 }, () => gate());
  for (const door of doors) nodes.model.next({ text: "Because.", gate: door });
  const { response } = await conversation.push("message", { content: "1?", ...queued });
  const behind = await conversation.push("message", { content: "2?", ...queued });
  const slotless = await other.push("message", { content: "3?", ...queued });
  await nodes.model.waitForRequest(1);
  const handovers: number[] = [];
  for (const leaving of [first, second, first, second]) {
    const staying = leaving === first ? second : first;
    const before = nodes.model.requests.length;
    await leaving.term();
    const left = performance.now();
    const again = await nodes.model.waitForRequest(before + 1);
    handovers.push(again.at - left);
    expect(staying.isRunning).toBe(true);
    await leaving.start();
  }
  for (const door of doors) door.open();
  await using late = await nodes.connect();
  const back = [await late.join(conversation.topic), await late.join(other.topic)] as const;
  for (const { turn_id } of [response, behind.response]) await back[0].turn(turn_id);
  await back[1].turn(slotless.response.turn_id);
  const { response: history } = await back[0].push("get_history");
  expect(history.turns.map(({ status, response: text }) => [status, text])).toMatchObject([
    ["completed", "Because."],
    ["completed", expect.any(String)],
  ]);
  expect(Math.max(...handovers)).toBeLessThan(1_000);
});
