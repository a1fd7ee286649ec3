import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";

import { type Conversation, connect } from "../support/client.ts";
import { gate } from "../support/gate.ts";
import { cluster } from "./support/cluster.ts";

const simple = { options: { engine: "simple" } };
const queued = { options: { engine: "simple", when_busy: "queue" } };

const brisk = { heartbeatIntervalMs: 100 };

/** Two nodes with a member each, and a turn of the first one that has said "Half". `moved` joins at the second one. */
async function halfway() {
  const nodes = await cluster({ nodes: 2 });
  onTestFinished(() => nodes.close());
  const id = randomUUID();
  const join = async (node: number, params = {}) =>
    await (await connect(nodes.node(node).url, { apiKey: "key-a", socketOptions: brisk })).join(id, params);
  const [here, there] = [await join(0), await join(1)];
  const door = gate();
  nodes.model.next({ chunks: ["Half", " and more"], gate: door });
  const ask = async () => (await here.push("message", { content: "Why?", ...simple })).response.turn_id;
  return { nodes, here, there, door, ask, moved: (params?: object) => join(1, params) };
}

function seen({ events }: Conversation, turnId: string): string[] {
  return events.flatMap(({ event, payload }) => (payload.turn_id === turnId ? [event] : []));
}

it.each(["plain", "cursor"])(
  "a %s member that joins a node that has not heard of an end gets no running turn",
  async (kind) => {
    const { nodes, here, there, door, ask, moved } = await halfway();
    const turnId = await ask();
    door.release();
    await there.next("response_delta", ({ turn_id }) => turn_id === turnId);
    const { redis } = nodes.node(1);
    redis.refuse();
    redis.cut();
    door.open();
    await here.turn(turnId);
    await sleep(700); // until the heartbeat has acknowledged it
    const late = await moved(kind === "cursor" ? { resume: { turn_id: turnId } } : {});
    expect(late.joins[0]?.running_turn).toBeNull();
    redis.accept();
    await there.turn(turnId);
    await sleep(200);
    expect(seen(late, turnId)).toEqual([]);
  },
);

it("a member that has seen an end, and moves to a node that hears of it later, does not see it again", async () => {
  const { nodes, here, there, door, ask, moved } = await halfway();
  const turnId = await ask();
  door.release();
  await there.next("response_delta", ({ turn_id }) => turn_id === turnId);
  nodes.node(1).redis.delay(400);
  door.open();
  await here.turn(turnId);
  const late = await moved({ resume: { turn_id: turnId } });
  await there.turn(turnId);
  await sleep(200);
  expect(seen(late, turnId)).toEqual([]);
});

it.each([false, true])(
  "a member that moves in mid-turn to a node that has heard nothing of it sees no word twice (another turn queued: %s)",
  async (hasNext) => {
    const { nodes, here, door, ask, moved } = await halfway();
    nodes.node(1).redis.delay(500);
    const turnId = await ask();
    door.release();
    if (hasNext) await here.push("message", { content: "And?", ...queued });
    await here.next("response_delta", ({ turn_id }) => turn_id === turnId);
    const late = await moved({ resume: { turn_id: turnId, offset: 4 } });
    const first = await late.next("response_delta", ({ turn_id }) => turn_id === turnId);
    expect(first.offset === 4 || first.restart === true).toBe(true);
    nodes.node(1).redis.delay(0);
    door.open();
    const { text, terminal } = await late.turn(turnId);
    expect([text.slice(-9), terminal.payload.response]).toEqual([" and more", "Half and more"]);
  },
);
