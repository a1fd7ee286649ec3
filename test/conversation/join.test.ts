import { createHash } from "node:crypto";

import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { connect, rawClient } from "../support/client.ts";
import { start } from "../support/start.ts";

const server = await start({ RATE_LIMIT_JOINS: "0", RATE_LIMIT_CONNECTIONS: "0", MODELS: "gpt-4" });
beforeEach(() => server.model.reset());
afterAll(() => server.close());

const fresh = () => crypto.randomUUID();

describe("the reply", () => {
  it("has exactly the documented fields", async () => {
    await using client = await server.connect();
    const id = fresh();
    const { joins } = await client.join(id);
    expect(joins).toEqual([
      {
        conversation_id: id,
        session_id: expect.stringMatching(/./),
        user_id: "user-a",
        last_turn_id: null,
        running_turn: null,
        warnings: [],
      },
    ]);
  });

  it("names the last turn and keeps the session of earlier joins", async () => {
    await using client = await server.connect();
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

  it("comes before presence_state, which comes before live events", async () => {
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
  it.each([
    ["key-a", undefined, "user-a"],
    ["key-a", "user-a", "user-a"],
    ["key-any", "somebody else", "somebody else"],
    ["key-any", "user-a", "user-a"],
  ])("with %s and user_id %j is %s", async (apiKey, user_id, expected) => {
    await using client = await server.connect({ apiKey });
    const { joins } = await client.join(fresh(), user_id === undefined ? {} : { user_id });
    expect(joins[0]?.user_id).toBe(expected);
  });

  it("of a key=* without a user_id is key- and eight digits of the key's hash", async () => {
    await using client = await server.connect({ apiKey: "key-any" });
    const { joins } = await client.join(fresh());
    const hash = createHash("sha256").update("key-any").digest("hex");
    expect(joins[0]?.user_id).toBe(`key-${hash.slice(0, 8)}`);
  });

  it.each(["user-b", "USER-A", "user-a ", "", "*", "user-a\0", 5, true, ["user-a"], { toString: "user-a" }])(
    "of key-a cannot be %j",
    async (user_id) => {
      await using client = await server.connect();
      await expect(client.join(fresh(), { user_id })).rejects.toMatchObject({ response: { reason: "unauthorized" } });
    },
  );

  it.each(["", 5, ["a"], { a: 1 }, "x".repeat(129)])("of a key=* cannot be %j", async (user_id) => {
    await using client = await server.connect({ apiKey: "key-any" });
    await expect(client.join(fresh(), { user_id })).rejects.toMatchObject({ response: { reason: "unauthorized" } });
  });

  it("sees presence by user id, one meta for each device", async () => {
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
  it.each(["a", "A.b_c:d-9", ":", "-", "x".repeat(128), "a::b", ".."])("may be %s", async (id) => {
    await using client = await server.connect();
    const { joins } = await client.join(`conversation:${id}`);
    expect(joins[0]?.conversation_id).toBe(id);
  });

  it.each(["", " ", "a b", "x".repeat(129), "é", "a/b", "a%2e", "a\n", "a\0", "\ud800", "<script>", "a*", "🙂", "a,b"])(
    "may not be %j",
    async (id) => {
      await using client = await server.connect();
      const refused = client.join(`conversation:${id}`);
      await expect(refused).rejects.toMatchObject({ response: { reason: "invalid_payload" } });
    },
  );
});

describe("preferences", () => {
  it.each([
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
  ])("%j is left out and named in the warnings", async (wrong) => {
    server.model.reset();
    await using client = await server.connect();
    const conversation = await client.join(fresh(), { preferences: { ...wrong, language: "de" } });
    const [name = ""] = Object.keys(wrong);
    expect(conversation.joins[0]?.warnings).toEqual([expect.stringContaining(name)]);
    await conversation.ask("Hello!", { options: { engine: "simple" } });
    const [request] = server.model.requests;
    expect(request?.body).toMatchObject({ model: "test-model" });
    expect(request?.body[name] ?? null).not.toEqual(Object.values(wrong)[0] ?? "given");
    expect(request?.system).toContain("language");
  });

  it.each([5, "concise", [], true])("%j is left out as a whole with a warning", async (preferences) => {
    await using client = await server.connect();
    const { joins } = await client.join(fresh(), { preferences });
    expect(joins[0]?.warnings).toEqual([expect.stringContaining("preferences")]);
  });

  it("come before the prompt file and after llm_config, and unknown ones are offered to the prompts", async () => {
    await using client = await server.connect();
    const preferences = { temperature: 0.3, max_tokens: 77, top_p: 0.5, model: "gpt-4", favourite_colour: "teal" };
    const conversation = await client.join(fresh(), { preferences });
    await conversation.ask("Hello!", {
      options: { engine: "simple" },
      llm_config: { temperature: 0, model: "test-model" },
    });
    const [request] = server.model.requests;
    expect(request?.body).toMatchObject({ model: "test-model", temperature: 0, top_p: 0.5 });
    expect(request?.body.max_tokens ?? request?.body.max_completion_tokens).toBe(77);
    expect(request?.system).toContain("teal");
  });

  it("with hostile keys are data", async () => {
    await using client = await rawClient(server.url, { params: { api_key: "key-a" } });
    const topic = `conversation:${fresh()}`;
    const preferences = '{"__proto__":{"temperature":9},"constructor":{"prototype":{"x":1}},"language":"en"}';
    client.send(`["1","1","${topic}","phx_join",{"preferences":${preferences}}]`);
    expect((await client.next())[4].status).toBe("ok");
    client.send(["1", "2", topic, "message", { content: "Hi", options: { engine: "simple" } }]);
    await client.next(([, , , event]) => event === "response");
    expect(server.model.requests.at(-1)?.body.temperature).not.toBe(9);
    expect(Object.hasOwn(Object.prototype, "x")).toBe(false);
  });
});

it("a payload that is no object joins like an empty one", async () => {
  for (const payload of [null, [], "text", 5, true]) {
    await using client = await rawClient(server.url, { params: { api_key: "key-a" } });
    client.send(["1", "1", `conversation:${fresh()}`, "phx_join", payload]);
    expect((await client.next())[4]).toMatchObject({ status: "ok", response: { user_id: "user-a" } });
  }
});

it("joins over its limit are refused with the time to wait", async () => {
  await using limited = await start({ RATE_LIMIT_JOINS: "2" });
  await using client = await connect(limited.url, { apiKey: "key-a" });
  await client.join(fresh());
  await client.join(fresh());
  await expect(client.join(fresh())).rejects.toMatchObject({
    response: { reason: "rate_limited", retry_after_ms: expect.any(Number) },
  });
});
