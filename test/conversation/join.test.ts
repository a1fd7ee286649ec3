import { createHash } from "node:crypto";

import { describe, expect } from "vitest";

import { connect, rawClient } from "../support/client.ts";
import { it } from "../support/fixture.ts";
import { start } from "../support/start.ts";

const fresh = () => crypto.randomUUID();

describe("the reply", () => {
  it("the reply to a join has exactly the documented fields", async ({ client }) => {
    const id = fresh();
    const { joins } = await client.join(id);
    expect(joins).toEqual([
      {
        conversation_id: id,
        session_id: expect.stringMatching(/./),
        user_id: "user-a",
        last_turn_id: null,
        running_turn: null,
        context: {},
        warnings: [],
      },
    ]);
  });

  it("the reply to a join has the conversation's context", async ({ client }) => {
    const first = await client.join(fresh());
    await first.push("set_context", { context: { project: "demo" } });
    await first.leave();
    expect((await client.join(first.topic)).joins[0]).toMatchObject({ context: { project: "demo" } });
  });

  it("the reply to a later join has the same session and the last turn", async ({ client }) => {
    const first = await client.join(fresh());
    const { turnId } = await first.ask("Hello!");
    await first.leave();
    const again = await client.join(first.topic);
    expect(again.joins[0]).toMatchObject({
      session_id: first.joins[0]?.session_id,
      last_turn_id: turnId,
      running_turn: null,
    });
  });

  it("the reply to a join comes before presence_state, and that before live events", async ({ server }) => {
    await using client = await rawClient(server.url, { params: { api_key: "key-a" } });
    const topic = `conversation:${fresh()}`;
    client.send(["1", "1", topic, "phx_join", {}]);
    client.send(["1", "2", topic, "typing", { typing: true }]);
    await client.next(([, ref]) => ref === "2");
    const events = client.frames.map(([, , , event]) => event);
    expect(events.slice(0, 2)).toEqual(["phx_reply", "presence_state"]);
    expect(client.frames[1]?.[4]).toMatchObject({ "user-a": { metas: [{ phx_ref: expect.stringMatching(/./) }] } });
  });
});

describe("the user", () => {
  it.for([
    ["key-a", undefined, "user-a"],
    ["key-a", "user-a", "user-a"],
    ["key-any", "somebody else", "somebody else"],
    ["key-any", "user-a", "user-a"],
  ])("with %s and user_id %j the user is %s", async ([apiKey, user_id, expected], { server }) => {
    await using client = await server.connect({ apiKey });
    const { joins } = await client.join(fresh(), user_id === undefined ? {} : { user_id });
    expect(joins[0]?.user_id).toBe(expected);
  });

  it("with a key=* and no user_id the user is key- and eight digits of the key's hash", async ({ server }) => {
    await using client = await server.connect({ apiKey: "key-any" });
    const { joins } = await client.join(fresh());
    const hash = createHash("sha256").update("key-any").digest("hex");
    expect(joins[0]?.user_id).toBe(`key-${hash.slice(0, 8)}`);
  });

  it.for(["user-b", "USER-A", "user-a ", "", "*", "user-a\0", 5, true, ["user-a"], { toString: "user-a" }])(
    "a user's key cannot join with user_id %j",
    async (user_id, { client }) => {
      await expect(client.join(fresh(), { user_id })).rejects.toMatchObject({ response: { reason: "unauthorized" } });
    },
  );

  it.for(["", 5, ["a"], { a: 1 }, "x".repeat(129)])(
    "a key=* cannot join with user_id %j",
    async (user_id, { server }) => {
      await using client = await server.connect({ apiKey: "key-any" });
      await expect(client.join(fresh(), { user_id })).rejects.toMatchObject({ response: { reason: "unauthorized" } });
    },
  );

  it("presence lists users by id, with one meta per device", async ({ server }) => {
    const topic = `conversation:${fresh()}`;
    await using one = await server.connect();
    await using two = await server.connect();
    const first = await one.join(topic);
    await two.join(topic);
    const metas = (payload: object) => Object(Object(payload)["user-a"]).metas ?? [];
    const diff = await first.next("presence_diff", ({ joins }) => metas(Object(joins)).length === 1, 5000);
    expect(Object.keys(diff).sort()).toEqual(["joins", "leaves"]);
    await two.close();
    await first.next("presence_diff", ({ leaves }) => metas(Object(leaves)).length === 1);
  });
});

describe("a conversation id", () => {
  it.for(["a", "A.b_c:d-9", ":", "-", "x".repeat(128), "a::b", ".."])(
    "a conversation id may be %s",
    async (id, { client }) => {
      const { joins } = await client.join(`conversation:${id}`);
      expect(joins[0]?.conversation_id).toBe(id);
    },
  );

  it.for(["", " ", "a b", "x".repeat(129), "é", "a/b", "a%2e", "a\n", "a\0", "\ud800", "<script>", "a*", "🙂", "a,b"])(
    "a conversation id may not be %j",
    async (id, { client }) => {
      const refused = client.join(`conversation:${id}`);
      await expect(refused).rejects.toMatchObject({ response: { reason: "invalid_payload" } });
    },
  );
});

describe("preferences", () => {
  it.for([
    { temperature: 2.1 },
    { temperature: -0.1 },
    { temperature: "0.7" },
    { temperature: null },
    { max_tokens: 0 },
    { max_tokens: 32_769 },
    { max_tokens: 1.5 },
    { top_p: 1.1 },
    { model: "gpt-9" },
    { model: 4 },
    { model: "" },
  ])("the preference %j is dropped with a warning", async (wrong, { model, client }) => {
    const conversation = await client.join(fresh(), { preferences: { ...wrong, language: "de" } });
    const [name = ""] = Object.keys(wrong);
    expect(conversation.joins[0]?.warnings).toEqual([expect.stringContaining(name)]);
    await conversation.ask("Hello!", { options: { engine: "simple" } });
    const [request] = model.requests;
    expect(request?.body).toMatchObject({ model: "test-model" });
    expect(request?.body[name] ?? null).not.toEqual(Object.values(wrong)[0] ?? "given");
    expect(request?.system).toContain("language");
  });

  it.for([5, "concise", [], true])("the preferences %j are dropped with a warning", async (preferences, { client }) => {
    const { joins } = await client.join(fresh(), { preferences });
    expect(joins[0]?.warnings).toEqual([expect.stringContaining("preferences")]);
  });

  it("preferences override the prompt file but not llm_config, and unknown ones reach the prompt", async ({
    model,
    client,
  }) => {
    const preferences = { temperature: 0.3, max_tokens: 77, top_p: 0.5, model: "gpt-4", favourite_colour: "teal" };
    const conversation = await client.join(fresh(), { preferences });
    await conversation.ask("Hello!", {
      options: { engine: "simple" },
      llm_config: { temperature: 0, model: "test-model" },
    });
    const [request] = model.requests;
    expect(request?.body).toMatchObject({ model: "test-model", temperature: 0, top_p: 0.5 });
    expect(request?.body.max_tokens ?? request?.body.max_completion_tokens).toBe(77);
    expect(request?.system).toContain("teal");
  });

  it("preferences with hostile keys are data", async ({ server, model }) => {
    await using client = await rawClient(server.url, { params: { api_key: "key-a" } });
    const topic = `conversation:${fresh()}`;
    const preferences = '{"__proto__":{"temperature":9},"constructor":{"prototype":{"x":1}},"language":"en"}';
    client.send(`["1","1","${topic}","phx_join",{"preferences":${preferences}}]`);
    expect((await client.next())[4].status).toBe("ok");
    client.send(["1", "2", topic, "message", { content: "Hi", options: { engine: "simple" } }]);
    await client.next(([, , , event]) => event === "response");
    expect(model.requests.at(-1)?.body.temperature).not.toBe(9);
    expect(Object.hasOwn(Object.prototype, "x")).toBe(false);
  });
});

it("a join whose payload is not an object counts as one without parameters", async ({ server }) => {
  for (const payload of [null, [], "text", 5, true]) {
    await using client = await rawClient(server.url, { params: { api_key: "key-a" } });
    client.send(["1", "1", `conversation:${fresh()}`, "phx_join", payload]);
    expect((await client.next())[4]).toMatchObject({ status: "ok", response: { user_id: "user-a" } });
  }
});

it("joins over the limit are refused with the time to wait", async () => {
  await using limited = await start({ RATE_LIMIT_JOINS: "2" });
  await using client = await connect(limited.url, { apiKey: "key-a" });
  await client.join(fresh());
  await client.join(fresh());
  await expect(client.join(fresh())).rejects.toMatchObject({
    response: { reason: "rate_limited", retry_after_ms: expect.any(Number) },
  });
});
