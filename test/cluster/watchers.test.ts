import { Presence } from "phoenix";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Conversation } from "../support/client.ts";
import { simple } from "../support/conversation.ts";
import { gate } from "../support/model-server.ts";
import { askingProject } from "./support/asking-talk.ts";
import { type Cluster, cluster } from "./support/cluster.ts";

const project = askingProject();
let nodes: Cluster;

beforeAll(async () => {
  nodes = await cluster({ nodes: 2, folder: project.folder });
});

afterAll(async () => {
  await nodes.close();
  project[Symbol.dispose]();
});

let talks = 0;

/** Two members of one conversation, on two nodes. */
async function two(params: object | (() => object) = {}) {
  talks += 1;
  const id = `watched-${talks}`;
  const [here, there] = await Promise.all([nodes.node(0).connect(), nodes.node(1).connect()]);
  const asker = await here.join(id);
  const watcher = await there.join(id, params);
  return {
    id,
    asker,
    watcher,
    here,
    there,
    [Symbol.asyncDispose]: () => Promise.all([here.close(), there.close()]).then(() => {}),
  };
}

const names = ({ events }: { events: { event: string }[] }) => {
  const all = events.map(({ event }) => event);
  return all.filter((event, index) => event !== "response_delta" || all[index - 1] !== event); // deltas are merged
};

describe("a member on another node", () => {
  it("sees all of a turn, in order, while it runs", async () => {
    await using talk = await two();
    const held = gate();
    nodes.model.next({ text: "All of it arrives.", gate: held });
    const asked = talk.asker.push("message", { content: "Does it?", ...simple });
    const { turn_id } = (await asked).response;
    held.release(2);
    await talk.watcher.next("response_delta", ({ turn_id: of }) => of === turn_id, 1000);
    held.open();
    const [here, there] = [await talk.asker.turn(turn_id), await talk.watcher.turn(turn_id)];
    expect(there.text).toBe("All of it arrives.");
    expect(there.terminal).toEqual(here.terminal);
    expect(names(there)).toEqual(names(here));
  });

  it("gets many small deltas as a few larger ones", async () => {
    await using talk = await two();
    const chunks = Array.from({ length: 200 }, (_, index) => `${index} `);
    nodes.model.next({ chunks, chunkDelayMs: 3 });
    const { turnId, deltas, text } = await talk.asker.ask("Count.", simple);
    const there = await talk.watcher.turn(turnId);
    expect(there.text).toBe(text);
    expect(there.deltas.length).toBeLessThan(deltas.length / 4);
  });

  it("joins in the middle: the reply has the running turn, and the text comes from its cursor on", async () => {
    await using talk = await two();
    const held = gate();
    nodes.model.next({ text: "One two three four.", gate: held });
    const { turn_id } = (await talk.asker.push("message", { content: "Count.", ...simple })).response;
    held.release(2);
    await talk.watcher.next("response_delta", ({ offset, text }) => offset + text.length >= 4);
    await using late = await nodes.node(1).connect();
    await using later = await nodes.node(1).connect();
    const [whole, rest] = [await late.join(talk.id), await later.join(talk.id, { resume: { turn_id, offset: 4 } })];
    held.open();
    expect(whole.joins[0]?.running_turn).toMatchObject({ turn_id, query: "Count." });
    const seen = await whole.turn(turn_id);
    expect(seen.text).toBe("One two three four.");
    expect(seen.deltas[0]).toMatchObject({ restart: true, offset: 0 });
    await rest.next("response");
    const resumed = rest.events.filter(({ event }) => event === "response_delta").map(({ payload }) => payload);
    expect(resumed[0]).toMatchObject({ offset: 4 });
    expect(resumed.map(({ text }) => text).join("")).toBe("two three four.");
  });

  it("joins in the middle of a turn that nobody else watches on its node", async () => {
    const held = gate();
    nodes.model.next({ text: "Still told.", gate: held });
    const gone = await nodes.node(0).connect();
    const { turn_id } = (await (await gone.join("left")).push("message", { content: "?", ...simple })).response;
    await held.held();
    await gone.close();
    await using client = await nodes.node(1).connect();
    const conversation = await client.join("left");
    expect(conversation.joins[0]?.running_turn).toMatchObject({ turn_id });
    held.open();
    expect((await conversation.turn(turn_id)).text).toBe("Still told.");
  });

  it("stops the turn", async () => {
    await using talk = await two();
    const held = gate();
    nodes.model.next({ text: "Never whole.", gate: held });
    const { turn_id } = (await talk.asker.push("message", { content: "?", ...simple })).response;
    held.release(1);
    await talk.watcher.next("response_delta");
    const { status } = await talk.watcher.push("stop", { turn_id });
    expect(status).toBe("ok");
    const [here, there] = [await talk.asker.turn(turn_id), await talk.watcher.turn(turn_id)];
    expect(here.terminal.payload.metadata).toMatchObject({ stopped: true });
    expect(there.terminal).toEqual(here.terminal);
    held.open();
  });

  it("gets what a waiting turn asks, answers it, and sees its end", async () => {
    await using talk = await two();
    const content = `${project.effects}/${talk.id}`;
    const { turn_id } = (await talk.asker.push("message", { content, options: { engine: "careful" } })).response;
    const { requests } = await talk.watcher.next("input_requested", ({ turn_id: of }) => of === turn_id);
    const [{ interrupt_id = "" } = {}] = requests;
    await using late = await nodes.node(1).connect();
    const joined = await late.join(talk.id);
    expect(joined.joins[0]?.running_turn).toMatchObject({ turn_id });
    await joined.next("input_requested");
    const { status } = await joined.push("respond", { turn_id, responses: [{ interrupt_id, value: "yes" }] });
    expect(status).toBe("ok");
    for (const conversation of [talk.asker, talk.watcher, joined]) {
      await conversation.next("input_answered", ({ turn_id: of }) => of === turn_id);
      const { terminal } = await conversation.turn(turn_id);
      expect(terminal.payload.response).toContain("Done.");
    }
  });

  it("hears of a new session, of a changed context and of typing", async () => {
    await using talk = await two();
    await talk.asker.push("set_context", { context: { plan: "free" } });
    expect(await talk.watcher.next("context_updated")).toMatchObject({ context: { plan: "free" } });
    await talk.asker.push("typing", { typing: true });
    expect(await talk.watcher.next("typing")).toMatchObject({ typing: true });
    const { response } = await talk.asker.push("new_conversation");
    expect(await talk.watcher.next("conversation_reset")).toMatchObject({ session_id: response.session_id });
  });

  it("is counted as having got the end of a turn", async () => {
    await using talk = await two();
    nodes.model.next("Delivered.");
    const { turnId } = await talk.asker.ask("?", simple);
    await talk.watcher.turn(turnId);
    const [row] = await nodes.database.rows(`SELECT delivery FROM turns WHERE id = '${turnId}'`);
    expect(row).toMatchObject({ delivery: 1 });
  });
});

describe("presence over two nodes", () => {
  const devices = (conversation: Conversation) => {
    let state: object = {};
    for (const { event, payload } of conversation.events) {
      if (event === "presence_state") state = Presence.syncState(state, payload);
      if (event === "presence_diff") state = Presence.syncDiff(state, payload as never);
    }
    return Presence.list(state, (_key, { metas }: { metas: object[] }) => metas.length).reduce((a, b) => a + b, 0);
  };

  it("everybody knows everybody, and who leaves", async () => {
    await using talk = await two();
    const third = await nodes.node(1).connect();
    const conversation = await third.join(talk.id);
    for (const one of [talk.asker, talk.watcher, conversation]) await expect.poll(() => devices(one)).toBe(3);
    await third.close();
    for (const one of [talk.asker, talk.watcher]) await expect.poll(() => devices(one)).toBe(2);
  });
});

it("a turn that nobody on another node watches is not published at all", async () => {
  await using client = await nodes.node(0).connect();
  const conversation = await client.join("alone");
  nodes.model.next({ chunks: Array.from({ length: 100 }, () => "word ") });
  const calls = async () => {
    const info = String(await nodes.redis.ask("INFO", "commandstats"));
    return Number(/cmdstat_publish:calls=(\d+)/.exec(info)?.[1]);
  };
  await new Promise((resolve) => setTimeout(resolve, 300));
  const before = await calls();
  const startedAt = performance.now();
  await conversation.ask("?", simple);
  const beats = 2 * (1 + (performance.now() - startedAt) / 1000); // heartbeats of the nodes
  expect((await calls()) - before).toBeLessThanOrEqual(beats + 1);
});
