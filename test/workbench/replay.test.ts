import { createHash } from "node:crypto";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { chosenEngines } from "../../graphs/chosen-engines.ts";
import { filesServer } from "../files/support.ts";
import type { Conversation, Payload } from "../support/client.ts";
import { simple } from "../support/conversation.ts";
import { gate } from "../support/model-server.ts";
import { size } from "../support/size.ts";

const server = await filesServer({ RATE_LIMIT_MESSAGES: "0", RATE_LIMIT_PUSHES: "0" });
const client = await server.connect();
let conversation: Conversation;
let bench: Conversation;

beforeEach(async () => {
  server.model.reset();
  const id = crypto.randomUUID();
  conversation = await client.join(id, { preferences: { language: "de", temperature: 0.2 } });
  bench = await client.join(`workbench:${id}`);
});
afterAll(async () => {
  await client.close();
  await server.close();
});

async function replay(turnId: string, changes: object = {}): Promise<Payload> {
  const { status, response } = await bench.push("replay", { turn_id: turnId, ...changes });
  if (status !== "ok") throw new Error(JSON.stringify(response));
  return await bench.next("replay_finished", (payload) => payload.replay_id === response.replay_id, 10_000);
}

/** A hash of everything that is stored. */
function stored(): string {
  const database = new Database(join(server.folder, "test.db"), { readonly: true });
  try {
    const tables = database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")
      .pluck()
      .all();
    const rows = tables.map((table) => database.prepare(`SELECT * FROM ${table}`).raw().all());
    return createHash("sha256").update(JSON.stringify(rows)).digest("hex");
  } finally {
    database.close();
  }
}

describe("a replay", () => {
  it("a replay without changes sends byte-identical requests for many turns, and does not change the store", {
    timeout: 60_000,
  }, async () => {
    const turnIds: string[] = [];
    await conversation.push("set_context", { context: { project: "Ü <b>" } });
    const types = Object.keys(chosenEngines());
    const sent: string[][] = [];
    for (let at = 0; at < size(12, 50); at += 1) {
      const before = server.model.requests.length;
      const { turnId } = await conversation.ask(`Question ${at}: why 😀?`, {
        options: { engine: types[at % types.length], depth: at },
      });
      turnIds.push(turnId);
      sent.push(server.model.requests.slice(before).map(({ rawBody }) => rawBody));
    }
    await expect.poll(stored).toBe(stored());
    const before = stored();
    for (const [at, turnId] of turnIds.entries()) {
      const from = server.model.requests.length;
      await replay(turnId);
      const again = server.model.requests.slice(from).map(({ rawBody }) => rawBody);
      // Summaries run in the background, and are not part of a turn.
      const ofTurn = sent[at]?.filter((body) => !isSummary(body));
      expect(again.sort()).toEqual(ofTurn?.sort());
    }
    expect(stored()).toBe(before);
  });

  it("a replay with an edited prompt shows both answers, word by word, with time, tokens and cost", async () => {
    server.model.next("The sky is blue.");
    const { turnId } = await conversation.ask("Colour?", simple);
    server.model.next("The sea is blue!");
    const prompts = { simple: "---\ndescription: x\n---\nAnswer briefly." };
    const result = await replay(turnId, { prompts, llm_config: { temperature: 1.5, model: "gpt-4" } });
    expect(result).toMatchObject({
      turn_id: turnId,
      response: "The sea is blue!",
      routed_to: "simple_conversation",
      metadata: { usage: { llm_calls: 1 }, processing_time: expect.any(Number) },
      original: { turn: { response: "The sky is blue." } },
    });
    expect(result.diff.response).toContainEqual({ value: "sky", removed: true });
    expect(result.diff.response).toContainEqual({ value: "sea", added: true });
    const { system, body } = server.model.requests.at(-1) ?? {};
    expect(system).toMatch(/^Answer briefly\./);
    expect(body).toMatchObject({ temperature: 1.5, model: "gpt-4" });
    expect(result.metadata.prompts.simple).not.toBe(result.original.turn.metadata.prompts.simple);
    expect((await conversation.push("get_history")).response.turns).toHaveLength(1);
  });

  it("a replay streams its text and steps only to the member who started it", async () => {
    await using other = await server.connect();
    const second = await other.join(bench.topic);
    const { turnId } = await conversation.ask("Write", { options: { engine: "generation" } });
    const result = await replay(turnId);
    const mine = bench.events.filter(({ payload }) => payload.replay_id === result.replay_id);
    expect(
      mine
        .filter(({ event }) => event === "replay_delta")
        .map(({ payload }) => payload.text)
        .join(""),
    ).toBe(result.response);
    expect(mine.filter(({ event }) => event === "replay_progress").map(({ payload }) => payload.stage)).toEqual(
      expect.arrayContaining(["routed", "step_started", "step_finished", "answering"]),
    );
    expect(mine.some(({ event, payload }) => event === "node_finished" && payload.node === "write")).toBe(true);
    expect(second.events.filter(({ payload }) => payload.replay_id)).toEqual([]);
  });

  it("a replay from a node reuses the stored results of the steps before it", async () => {
    server.model.next({ json: { steps: ["First", "Second"] } }, "```js\n1\n```");
    const { turnId } = await conversation.ask("Write", { options: { engine: "generation" } });
    const before = server.model.requests.length;
    server.model.next("```js\n2\n```");
    const result = await replay(turnId, { from: "write" });
    expect(server.model.requests).toHaveLength(before + 1);
    expect(server.model.requests.at(-1)?.system).toContain("- First\n- Second");
    expect(result.metadata).toMatchObject({ implementation_plan: ["First", "Second"], generated_code: "2" });
    const record = (await bench.push("get_turn", { turn_id: turnId })).response;
    expect(record.nodes).toEqual(["router", "plan", "write", "repair"]);
    expect(record.steps).toEqual([{ name: "plan", finding: { steps: ["First", "Second"] } }]);
    const unknown = await bench.push("replay", { turn_id: turnId, from: "nowhere" });
    expect(unknown).toMatchObject({ status: "error", response: { reason: "not_found" } });
  });

  it("a replay of a turn whose prompt has changed since uses the recorded text", async () => {
    const { turnId } = await conversation.ask("Hi", simple);
    const record = (await bench.push("get_turn", { turn_id: turnId })).response;
    const used = record.prompts.find(({ name }) => name === "simple");
    expect(used?.source).toContain("description:");
    expect(used?.hash).toBe(record.turn.metadata.prompts.simple);
    expect(record.request).toMatchObject({
      preferences: { language: "de" },
      llm_config: { temperature: 0.2 },
      engine: "simple",
    });
  });

  it("a replay of a stopped or replaced turn sends the original requests", async () => {
    const door = gate();
    await conversation.ask("Before", simple);
    server.model.next({ text: "never ends", gate: door });
    const { response } = await conversation.push("message", { content: "Stop me", ...simple });
    await door.held();
    door.release(1);
    await conversation.next("response_delta", ({ turn_id }) => turn_id === response.turn_id);
    await conversation.push("stop");
    await conversation.turn(response.turn_id);
    const sent = server.model.requests.at(-1)?.rawBody;
    await replay(response.turn_id);
    expect(server.model.requests.at(-1)?.rawBody).toBe(sent);
    const { response: again } = await conversation.push("regenerate", { turn_id: response.turn_id });
    await conversation.turn(again.turn_id);
    await replay(response.turn_id);
    expect(server.model.requests.at(-1)?.rawBody).toBe(sent);
  });

  it("a replay stops on request or when its member leaves; at most four run at a time", async () => {
    const { turnId } = await conversation.ask("Hi", simple);
    const door = gate();
    for (let at = 0; at < 4; at += 1) server.model.next({ text: "slow", gate: door });
    const replies = await Promise.all(Array.from({ length: 5 }, () => bench.push("replay", { turn_id: turnId })));
    expect(replies.map(({ status }) => status).sort()).toEqual(["error", "ok", "ok", "ok", "ok"]);
    expect(replies.find(({ status }) => status === "error")?.response.reason).toBe("busy");
    const [first] = replies;
    await expect.poll(() => server.model.requests.length).toBe(5);
    const stopped = await bench.push("stop_replay", { replay_id: first?.response.replay_id });
    expect(stopped.response).toEqual({ stopped: true });
    expect(await bench.next("replay_failed")).toMatchObject({ code: "stopped" });
    await bench.leave();
    await expect.poll(() => server.model.requests.filter(({ closedByClientAt }) => closedByClientAt).length).toBe(4);
  });

  it("a replay that fails reports why", async () => {
    const { turnId } = await conversation.ask("Hi", simple);
    server.model.next({ refusal: "No." });
    await bench.push("replay", { turn_id: turnId });
    expect(await bench.next("replay_failed")).toMatchObject({ turn_id: turnId, code: "model_refused" });
  });

  it("a replay of a turn that was stopped while it was routed asks the model for the route again", async () => {
    const door = gate();
    server.model.next({ json: { type: "simple" }, gate: door });
    const { response } = await conversation.push("message", { content: "Which engine would you take for that?" });
    await door.held();
    await conversation.push("stop", { turn_id: response.turn_id });
    await conversation.turn(response.turn_id);
    const record = (await bench.push("get_turn", { turn_id: response.turn_id })).response;
    expect(record.prompts.map(({ name }) => name)).toContain("router");
    const sent = server.model.requests.at(-1)?.rawBody;
    const before = server.model.requests.length;
    await replay(response.turn_id);
    expect(server.model.requests[before]?.rawBody).toBe(sent);
  });

  it("a replay of a turn with files reads those of its message and the earlier ones, and cites the same sources", async () => {
    const [first, second] = [
      await server.kept("alpha", { name: "a.txt" }),
      await server.kept("beta", { name: "b.txt" }),
    ];
    const asking = await client.join(crypto.randomUUID(), { preferences: { include_sources: true } });
    await asking.ask("What is in it?", { ...simple, attachments: [{ file_id: first.file_id }] });
    server.model.next("It is in [2].");
    const { turnId, terminal } = await asking.ask("And here?", {
      ...simple,
      attachments: [{ file_id: second.file_id }],
    });
    const sent = server.model.requests.at(-1)?.rawBody;
    expect(sent).toContain("beta");
    await asking.ask("Later", { ...simple, attachments: [{ file_id: first.file_id }] });
    server.model.next("It is in [2].");
    const { metadata } = await replay(turnId);
    expect(server.model.requests.at(-1)?.rawBody).toBe(sent);
    expect(metadata.sources).toEqual(terminal.payload.metadata.sources);
    expect(metadata.sources).toHaveLength(2);
  });

  it("a replay refuses a draft whose model clients may not choose", async () => {
    const { turnId } = await conversation.ask("Hi", simple);
    const prompts = { simple: "---\ndescription: x\nmodel: gpt-dear\n---\nHi." };
    const refused = await bench.push("replay", { turn_id: turnId, prompts });
    expect(refused).toMatchObject({ status: "error", response: { reason: "model_not_allowed" } });
  });

  it("a turn can be exported as a line of a dataset", async () => {
    await conversation.ask("First", simple);
    server.model.next("An answer.");
    const { turnId } = await conversation.ask("Second", simple);
    const { line } = (await bench.push("get_dataset_line", { turn_id: turnId })).response;
    expect(JSON.parse(line)).toMatchObject({
      id: turnId,
      content: "Second",
      history: [{ role: "user", content: "First" }, { role: "assistant" }],
      preferences: { language: "de" },
      expect: { type: "simple" },
      reference: "An answer.",
    });
  });
});

function isSummary(body: string): boolean {
  return JSON.parse(body).messages.at(-1).content.startsWith("User: ");
}
