import { afterAll, beforeEach, describe, expect, it } from "vitest";

import type { Conversation } from "../support/client.ts";
import { simple } from "../support/conversation.ts";
import { gate } from "../support/model-server.ts";
import { start } from "../support/start.ts";

const server = await start({ RATE_LIMIT_MESSAGES: "0", RATE_LIMIT_PUSHES: "0" });
let user = 0;
let conversation: Conversation;
let bench: Conversation;

/** Each test is another user, with no turns yet. */
beforeEach(async () => {
  server.model.reset();
  user += 1;
  const client = await server.connect({ apiKey: "key-any", params: { user_id: `user-${user}` } });
  const id = crypto.randomUUID();
  const asUser = { user_id: `user-${user}` };
  conversation = await client.join(id, asUser);
  bench = await client.join(`workbench:${id}`, asUser);
});
afterAll(() => server.close());

const draft = "---\ndescription: x\n---\nAnswer briefly.";
const run = async (payload: object) => await bench.push("run_prompt", { name: "simple", last: 10, ...payload });
const rows = () => bench.events.filter(({ event }) => event === "run_row").map(({ payload }) => payload);

describe("a run of a prompt over the latest turns", () => {
  it("replays each of them, and tells a row per turn and the totals", async () => {
    for (const [at, text] of ["The cat sat.", "The dog ran.", "The bird flew."].entries()) {
      server.model.next(text);
      await conversation.ask(`Question ${at}`, simple);
    }
    await conversation.ask("Of another engine", { options: { engine: "analysis" } });
    server.model.answer(() => "The cat sat.");
    const { response } = await run({ source: draft, last: 2, llm_config: { temperature: 1.5 } });
    expect(response).toMatchObject({ turns: 2 });
    const finished = await bench.next("run_finished");
    expect(finished).toMatchObject({ run_id: response.run_id, stopped: false, turns: 2, answered: 2 });
    expect(finished).toMatchObject({ after: { output_tokens: expect.any(Number), first_word_ms: expect.any(Number) } });
    const figures = {
      conversation_type: "simple",
      output_tokens: expect.any(Number),
      processing_time: expect.any(Number),
      first_word_ms: expect.any(Number),
    };
    expect(
      rows()
        .map(({ query }) => query)
        .sort(),
    ).toEqual(["Question 1", "Question 2"]);
    for (const row of rows())
      expect(row).toMatchObject({ before: figures, after: figures, changed: expect.any(Number) });
    const dog = rows().find(({ query }) => query === "Question 1");
    expect(dog?.diff).toContainEqual({ value: "cat", added: true });
    expect(server.model.requests.at(-1)?.system).toMatch(/^Answer briefly\./);
    expect(server.model.requests.at(-1)?.body).toMatchObject({ temperature: 1.5 });
    expect((await conversation.push("get_history")).response.turns).toHaveLength(4);
  });

  it("says which turns failed, and goes on", async () => {
    for (const text of ["One", "Two"]) await conversation.ask(text, simple);
    server.model.answer(({ user }) => (user.includes("One") ? { refusal: "No." } : "Fine."));
    await run({});
    expect(await bench.next("run_finished")).toMatchObject({ turns: 2, answered: 1 });
    expect(rows().find(({ query }) => query === "One")).toMatchObject({ failure: { code: "model_refused" } });
  });

  it("stops on request and when its member leaves; only one runs at a time", async () => {
    await conversation.ask("Hi", simple);
    server.model.next({ text: "never", gate: gate() }, { text: "never", gate: gate() });
    const { response } = await run({});
    expect((await run({})).response).toMatchObject({ reason: "busy" });
    await expect.poll(() => server.model.requests.length).toBe(2);
    expect((await bench.push("stop_run", { run_id: response.run_id })).response).toEqual({ stopped: true });
    expect(await bench.next("run_finished")).toMatchObject({ stopped: true, answered: 0 });
    expect(rows()).toEqual([]);
    await run({});
    await expect.poll(() => server.model.requests.length).toBe(3);
    await bench.leave();
    await expect.poll(() => server.model.requests.filter(({ closedByClientAt }) => closedByClientAt).length).toBe(2);
  });

  it("is refused without turns, for unknown or faulty prompts, for other models and for too many turns", async () => {
    expect((await run({})).response).toMatchObject({ reason: "not_found" });
    await conversation.ask("Hi", simple);
    expect((await run({ name: "nobodys" })).response).toMatchObject({ reason: "not_found" });
    expect((await run({ source: "Hi." })).response).toMatchObject({ reason: "invalid_prompt" });
    expect((await run({ last: 51 })).response).toMatchObject({ reason: "invalid_payload" });
    expect((await run({ llm_config: { model: "gpt-dear" } })).response).toMatchObject({ reason: "model_not_allowed" });
    const dear = draft.replace("description", "model: gpt-dear\ndescription");
    expect((await run({ source: dear })).response).toMatchObject({ reason: "model_not_allowed" });
  });

  it("counts each turn as a message of its user, and waits for the limit", async () => {
    await using limited = await start({ RATE_LIMIT_MESSAGES: "3", RATE_LIMIT_PUSHES: "0" });
    await using client = await limited.connect();
    const id = crypto.randomUUID();
    const conversation = await client.join(id);
    const bench = await client.join(`workbench:${id}`);
    for (const text of ["One", "Two"]) await conversation.ask(text, simple);
    const { response } = await bench.push("run_prompt", { name: "simple", last: 2 });
    await bench.next("run_row");
    expect(limited.model.requests).toHaveLength(3);
    expect((await bench.push("stop_run", { run_id: response.run_id })).response).toEqual({ stopped: true });
    expect(await bench.next("run_finished")).toMatchObject({ stopped: true, turns: 2, answered: 1 });
  });
});

describe("the versions of a prompt", () => {
  it("are the texts that answered the user's turns, with what these answers took", async () => {
    const versions = async () => (await bench.push("get_versions", { name: "simple" })).response.versions;
    const [current, ...none] = await versions();
    expect(none).toEqual([]);
    expect(current).toMatchObject({ is_current: true, turns: 0, cost_usd: null, first_word_ms: null, last_used: null });
    await conversation.ask("One", simple);
    await conversation.ask("Two", simple);
    const [used] = await versions();
    expect(used).toMatchObject({
      hash: current?.hash,
      is_current: true,
      turns: 2,
      first_word_ms: expect.any(Number),
      processing_time: expect.any(Number),
      output_tokens: expect.any(Number),
      first_used: expect.stringMatching(/Z$/),
    });
    expect(used?.source).toContain("description:");
    expect((await bench.push("get_versions", { name: "nobodys" })).response).toMatchObject({ reason: "not_found" });
  });
});
