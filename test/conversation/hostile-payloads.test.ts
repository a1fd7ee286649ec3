import { describe, expect } from "vitest";
import { connect } from "../support/client.ts";
import { it as conversationTest } from "../support/fixture.ts";
import { type FrameV2, rawClient } from "../support/raw-client.ts";

const it = conversationTest
  /** A conversation that was joined with raw frames. */
  .extend("raw", async ({ server }, { onCleanup }) => {
    const client = await rawClient(server.url, { params: { api_key: "key-a" } });
    onCleanup(() => client.close());
    const topic = `conversation:${crypto.randomUUID()}`;
    client.send(["1", "1", topic, "phx_join", {}]);
    await client.next(([, ref]) => ref === "1");
    return { ...client, topic };
  })
  /** Pushes a JSON text unchanged, and returns the reply. */
  .extend("push", ({ raw }) => {
    let ref = 1;
    return async (event: string, json: string) => {
      ref += 1;
      const own = `${ref}`;
      raw.send(`["1","${own}","${raw.topic}",${JSON.stringify(event)},${json}]`);
      const [, , , , { status, response = {} }] = await raw.next(([, one]) => one === own);
      return { status, response };
    };
  })
  .extend("expectAlive", ({ push }) => async () => {
    expect(await push("get_history", "{}")).toMatchObject({ status: "ok" });
  });

const isResponse = ([, , , event]: FrameV2) => event === "response";
const isError = ([, , , event]: FrameV2) => event === "error";

describe("keys of Object.prototype", () => {
  const hostile =
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":"x","hasOwnProperty":1}';

  it("keys of Object.prototype in a context are merged, echoed and removed like any others", async ({ push }) => {
    await push("set_context", `{"context":${hostile}}`);
    const { response } = await push("set_context", '{"context":{"a":1}}');
    const context = Object(response.context);
    expect(JSON.stringify(context)).toBe(`${hostile.slice(0, -1)},"a":1}`);
    expect(Object("x").polluted).toBeUndefined();
    const removed = await push(
      "set_context",
      '{"context":{"__proto__":null,"constructor":null,"toString":null,"a":null}}',
    );
    expect(JSON.stringify(removed.response.context)).toBe('{"hasOwnProperty":1}');
  });

  it("keys of Object.prototype in a message reach the model as data and pollute nothing", async ({
    model,
    raw,
    push,
  }) => {
    const { status } = await push(
      "message",
      `{"content":"Hi","context":${hostile},"options":{"engine":"simple","__proto__":{"x":5}}}`,
    );
    expect(status).toBe("ok");
    await raw.next(isResponse);
    const [request] = model.requests;
    expect(request?.system).toContain('"__proto__"');
    expect(request?.system).toContain('"polluted": 1');
    expect(Object("x").polluted).toBeUndefined();
  });

  it("keys of Object.prototype are not read as fields", async ({ model, raw, push }) => {
    const json = '{"__proto__":{"content":"Hi"},"constructor":{"content":"Hi"}}';
    expect(await push("message", json)).toMatchObject({ status: "error", response: { reason: "invalid_payload" } });
    const { status } = await push(
      "message",
      '{"content":"Hi","options":{"engine":"simple"},"llm_config":{"__proto__":{"temperature":9}}}',
    );
    expect(status).toBe("ok");
    await raw.next(isResponse);
    expect(model.requests.at(-1)?.body.temperature).not.toBe(9);
  });
});

describe("unknown keys", () => {
  it("unknown keys of a payload are ignored, and those of llm_config never forwarded", async ({ model, raw, push }) => {
    const llm = {
      base_url: "http://evil",
      stop: ["x"],
      n: 9,
      tools: [{ evil: 1 }],
      logit_bias: { 1: 1 },
      stream: false,
      user: "u",
    };
    const payload = { content: "Hi", evil: { a: 1 }, options: { engine: "simple" }, llm_config: llm };
    expect(await push("message", JSON.stringify(payload))).toMatchObject({ status: "ok" });
    await raw.next(isResponse);
    const [request] = model.requests;
    expect(request?.rawBody).not.toContain("evil");
    for (const key of ["base_url", "stop", "logit_bias", "tools", "user"])
      expect(request?.body).not.toHaveProperty(key);
    expect(request?.body.n ?? 1).toBe(1);
    expect(request?.stream).toBe(true);
  });
});

describe("nesting", () => {
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;

  it.for([100, 2_000, 5_000])(
    "a payload nested %i levels deep is refused, and the channel goes on",
    async (depth, { raw, push, expectAlive }) => {
      for (const [event, json] of [
        ["set_context", `{"context":${nested(depth)}}`],
        ["message", `{"content":"Hi","context":${nested(depth)}}`],
        ["message", `{"content":"Hi","options":${"[".repeat(depth)}${"]".repeat(depth)}}`],
        ["nonsense", nested(depth)],
      ] as const) {
        const { status, response } = await push(event, json);
        expect({ status, reason: response.reason }).toEqual({
          status: "error",
          reason: expect.stringMatching(/^(invalid_payload|unknown_event)$/),
        });
        expect((await raw.next(isError, 500))[4]).toHaveProperty("details.code");
      }
      await expectAlive();
    },
  );

  it("a context nested twenty levels deep is accepted", async ({ push }) => {
    const { response } = await push("set_context", `{"context":${nested(20)}}`);
    expect(JSON.stringify(response.context)).toBe(nested(20));
  });
});

describe("text", () => {
  it.for<[name: string, content: string]>([
    ["NUL", "a\0b"],
    ["bidi controls", "a\u202eb\u2066c"],
    ["combining marks", "Z̸̡͝a̴̧͠"],
    ["ANSI escapes", "\u001b[31mred\u001b[0m"],
    ["line separators", "a\u2028b\u2029c"],
    ["a lone surrogate", "a\ud800b"],
    ["mustaches", "{{question}} {{{data}}} {{#x}}"],
  ])("text with %s comes back exactly as it was sent", async ([_name, content], { model, raw, push }) => {
    const sent = JSON.stringify({ content, options: { engine: "simple" } });
    expect(await push("message", sent)).toMatchObject({ status: "ok" });
    const [, , , , response] = await raw.next(isResponse);
    expect(response.query).toBe(content);
    const history = await push("get_history", "{}");
    expect(history.response.turns).toMatchObject([{ query: content }]);
    if (content.isWellFormed()) expect(model.requests.at(-1)?.user).toBe(content);
  });

  it("message ids differ by every character, lone surrogates included", async ({ raw, push }) => {
    const ids = ["\0", "\0\0", "é", "e\u0301", "\ud800", "\ud801", "ID", "id", " id"];
    const turns = new Set<unknown>();
    for (const id of ids) {
      const options = { engine: "simple" };
      const { status, response } = await push("message", JSON.stringify({ content: "Hi", id, options }));
      expect({ id, status, duplicate: response.duplicate }).toEqual({ id, status: "ok", duplicate: false });
      turns.add(response.turn_id);
      await raw.next(([, , , event, { turn_id }]) => event === "response" && turn_id === response.turn_id);
    }
    expect(turns.size).toBe(ids.length);
  });
});

describe("a binary push", () => {
  const binary = (topic: string, event: string, data: Buffer) => {
    const fields = ["1", "b", topic, event].map((field) => Buffer.from(field));
    return Buffer.concat([Buffer.from([0, ...fields.map(({ length }) => length)]), ...fields, data]);
  };

  it.for(["message", "set_context", "new_conversation", "typing", "stop", "get_history"])(
    "a binary push of %s is refused with a text frame",
    async (event, { raw, expectAlive }) => {
      raw.send(binary(raw.topic, event, Buffer.from('{"content":"Hi"}')));
      const frame = await raw.next(([, one]) => one === "b");
      expect(frame).toEqual([
        "1",
        "b",
        raw.topic,
        "phx_reply",
        { status: "error", response: expect.objectContaining({ reason: "invalid_payload" }) },
      ]);
      expect((await raw.next(isError))[4]).toMatchObject({
        details: { code: "invalid_payload" },
      });
      await expectAlive();
    },
  );

  it("a binary push of phoenix.js is refused", async ({ server }) => {
    await using official = await connect(server.url, { apiKey: "key-a" });
    const conversation = await official.join(crypto.randomUUID());
    expect(await conversation.push("message", new ArrayBuffer(8))).toMatchObject({
      status: "error",
      response: { reason: "invalid_payload" },
    });
  });
});
