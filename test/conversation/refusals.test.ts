import { describe, expect } from "vitest";

import { it as conversationTest } from "../support/fixture.ts";
import { rawClient } from "../support/raw-client.ts";
import { start } from "../support/start.ts";

/** Expects an error reply and an error event, no request to the model, and a channel that still works. */
const it = conversationTest.extend("expectRefused", ({ conversation, model }) => {
  return async (event: string, payload: object, code: string) => {
    const { status, response } = await conversation.push(event, payload);
    expect(status).toBe("error");
    expect(response).toMatchObject({ reason: code, message: expect.stringMatching(/./) });
    expect(typeof response.details).toBe("object");
    const error = await conversation.next("error");
    expect(error).toMatchObject({ message: response.message, details: { code } });
    expect(error).not.toHaveProperty("turn_id");
    expect(model.requests).toHaveLength(0);
    expect(await conversation.push("get_history")).toEqual({ status: "ok", response: { turns: [], has_more: false } });
  };
});

const hi = { content: "Hi" };
const invalid: [string, object][] = [
  ["message", {}],
  ["message", { content: "" }],
  ["message", { content: " \n\t\u2003\ufeff " }],
  ["message", { content: null }],
  ["message", { content: 5 }],
  ["message", { content: ["Hi"] }],
  ["message", { content: { text: "Hi" } }],
  ["message", { ...hi, context: "beginner" }],
  ["message", { ...hi, context: ["beginner"] }],
  ["message", { ...hi, options: 5 }],
  ["message", { ...hi, options: { engine: "quantum" } }],
  ["message", { ...hi, options: { engine: "toString" } }],
  ["message", { ...hi, options: { engine: 5 } }],
  ["message", { ...hi, options: { when_busy: "panic" } }],
  ["message", { ...hi, llm_config: "gpt-4" }],
  ["message", { ...hi, llm_config: { temperature: 2.01 } }],
  ["message", { ...hi, llm_config: { temperature: -0.01 } }],
  ["message", { ...hi, llm_config: { temperature: null } }],
  ["message", { ...hi, llm_config: { temperature: Number.NaN } }],
  ["message", { ...hi, llm_config: { temperature: "0.7" } }],
  ["message", { ...hi, llm_config: { temperature: true } }],
  ["message", { ...hi, llm_config: { max_tokens: 0 } }],
  ["message", { ...hi, llm_config: { max_tokens: -1 } }],
  ["message", { ...hi, llm_config: { max_tokens: 32_769 } }],
  ["message", { ...hi, llm_config: { max_tokens: 1e9 } }],
  ["message", { ...hi, llm_config: { max_tokens: "4000" } }],
  ["message", { ...hi, llm_config: { max_tokens: null } }],
  ["message", { ...hi, llm_config: { top_p: 1.01 } }],
  ["message", { ...hi, llm_config: { top_p: -0.01 } }],
  ["message", { ...hi, llm_config: { top_p: null } }],
  ["message", { ...hi, llm_config: { model: null } }],
  ["message", { ...hi, llm_config: { model: ["gpt-4"] } }],
  ["message", { ...hi, id: "" }],
  ["message", { ...hi, id: "x".repeat(129) }],
  ["message", { ...hi, id: 7 }],
  ["message", { ...hi, context: { big: "x".repeat(16_384) } }],
  ["set_context", {}],
  ["set_context", { context: null }],
  ["set_context", { context: "x" }],
  ["set_context", { context: [1] }],
  ["set_context", { context: { big: "x".repeat(16_384) } }],
  ["set_context", { context: { big: "é".repeat(8_192) } }],
  ["typing", {}],
  ["typing", { typing: "true" }],
  ["typing", { typing: null }],
  ["stop", { turn_id: 5 }],
  ["get_history", { limit: 0 }],
  ["get_history", { limit: 201 }],
  ["get_history", { limit: 1.5 }],
  ["get_history", { limit: "50" }],
  ["get_history", { before: 5 }],
];

describe("invalid_payload", () => {
  it.for(invalid.map(([event, payload]) => [event, JSON.stringify(payload).slice(0, 60), payload] as const))(
    "%s with %s is refused as invalid_payload",
    ([event, _shown, payload], { expectRefused }) => expectRefused(event, payload, "invalid_payload"),
  );

  it("a number outside the range of doubles is refused", async ({ server }) => {
    await using raw = await rawClient(server.url, { params: { api_key: "key-a" } });
    raw.send(["1", "1", "conversation:inf", "phx_join", {}]);
    raw.send('["1","2","conversation:inf","message",{"content":"Hi","llm_config":{"temperature":1e999}}]');
    const [, , , , { status, response }] = await raw.next(([, ref]) => ref === "2");
    expect({ status, ...response }).toMatchObject({ status: "error", reason: "invalid_payload" });
  });

  it("a context over 16 KiB after merging is refused, and the old one kept", async ({
    conversation,
    expectRefused,
  }) => {
    const half = "x".repeat(9_000);
    await conversation.push("set_context", { context: { one: half } });
    await conversation.next("context_updated");
    await expectRefused("set_context", { context: { two: half } }, "invalid_payload");
    const { response } = await conversation.push("set_context", { context: {} });
    expect(response.context).toEqual({ one: half });
  });

  it.for([null, [], "text", 5, true])(
    "the payload %j is refused, and the channel goes on",
    async (payload, { server }) => {
      await using raw = await rawClient(server.url, { params: { api_key: "key-a" } });
      const topic = `conversation:${crypto.randomUUID()}`;
      raw.send(["1", "1", topic, "phx_join", {}]);
      raw.send(["1", "2", topic, "message", payload]);
      expect((await raw.next(([, ref]) => ref === "2"))[4]).toMatchObject({ response: { reason: "invalid_payload" } });
      await raw.next(([, , , event]) => event === "error");
      raw.send(["1", "3", topic, "typing", { typing: true }]);
      expect((await raw.next(([, ref]) => ref === "3"))[4].status).toBe("ok");
    },
  );
});

describe("content", () => {
  it.for(["x", "é", "🙂", "👩‍🚀".slice(0, 2)])(
    "content may have 4000 code points of %s and no more",
    async (character, { model, conversation }) => {
      const full = character.repeat(4000);
      expect((await conversation.ask(full, { options: { engine: "simple" } })).terminal.payload.query).toBe(full);
      model.reset();
      const { status, response } = await conversation.push("message", { content: `${full}x` });
      expect({ status, reason: response.reason }).toEqual({ status: "error", reason: "content_too_long" });
      expect((await conversation.next("error")).details.code).toBe("content_too_long");
      expect(model.requests).toHaveLength(0);
    },
  );

  it("content may be as long as MESSAGE_MAX_CHARS says", async () => {
    await using server = await start({ MESSAGE_MAX_CHARS: "9" });
    await using client = await server.connect();
    const conversation = await client.join("nine-characters");
    expect((await conversation.push("message", { content: "🙂".repeat(9) })).status).toBe("ok");
    const { response } = await conversation.push("message", { content: "🙂".repeat(10) });
    expect(response).toMatchObject({ reason: "content_too_long", details: { limit: 9, length: 10 } });
  });

  it("content is counted after trimming", async ({ conversation }) => {
    const padded = `\n ${"x".repeat(4000)}${" ".repeat(3000)}`;
    const { terminal } = await conversation.ask(padded, { options: { engine: "simple" } });
    expect(terminal.payload.query).toHaveLength(4000);
  });
});

it.for(["gpt-9", "GPT-4", "gpt-4 ", "../gpt-4", "__proto__", "test-model\0"])(
  "the model %j is refused",
  async (name, { expectRefused }) => {
    await expectRefused("message", { ...hi, llm_config: { model: name } }, "model_not_allowed");
  },
);

it.for([
  "nonsense",
  "Message",
  "constructor",
  "__proto__",
  "toString",
  "",
  "response",
  "thinking",
  "presence_state",
  "phx_reply",
  "phx_close",
  "phx_error",
  "x".repeat(5_000),
])("the unknown event %s is refused", (event, { expectRefused }) => expectRefused(event, hi, "unknown_event"));

it("an event whose name is not text is refused, and the channel goes on", async ({ server }) => {
  await using raw = await rawClient(server.url, { params: { api_key: "key-a" } });
  const topic = `conversation:${crypto.randomUUID()}`;
  raw.send(["1", "1", topic, "phx_join", {}]);
  for (const [index, event] of [null, 5, {}, [], true].entries()) {
    raw.send(["1", `e${index}`, topic, event, {}]);
    const [joinRef, , , , { status, response }] = await raw.next(([, ref]) => ref === `e${index}`);
    expect({ joinRef, status, reason: response?.reason }).toEqual({
      joinRef: "1",
      status: "error",
      reason: "unknown_event",
    });
  }
});

it("get_history before an unknown turn is refused, and a stop of one stops nothing", async ({
  conversation,
  expectRefused,
}) => {
  await expectRefused("get_history", { before: "nope" }, "not_found");
  expect(await conversation.push("stop", { turn_id: "nope" })).toMatchObject({
    response: { turn_id: "nope", stopped: false },
  });
  expect(await conversation.push("stop")).toMatchObject({ status: "ok", response: { stopped: false } });
});
