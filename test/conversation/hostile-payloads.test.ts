import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { connect } from "../support/client.ts";
import { type FrameV2, rawClient } from "../support/raw-client.ts";
import { start } from "../support/start.ts";

const server = await start({ RATE_LIMIT_MESSAGES: "0", RATE_LIMIT_PUSHES: "0", RATE_LIMIT_JOINS: "0" });
const client = await rawClient(server.url, { params: { api_key: "key-a" } });
let topic = "";
let joinRef = 0;
let ref = 1000;

beforeEach(async () => {
  server.model.reset();
  topic = `conversation:${crypto.randomUUID()}`;
  joinRef += 1;
  client.send([`${joinRef}`, `${joinRef}`, topic, "phx_join", {}]);
  await client.next(([, one]) => one === `${joinRef}`);
});
afterAll(async () => {
  await client.close();
  await server.close();
});

/** Pushes JSON as it is written; answers with the reply. */
async function push(event: string, json: string) {
  ref += 1;
  client.send(`["${joinRef}","${ref}","${topic}",${JSON.stringify(event)},${json}]`);
  const [, , , , { status, response = {} }] = await client.next(([, one]) => one === `${ref}`);
  return { status, response };
}

async function expectAlive(): Promise<void> {
  expect(await push("get_history", "{}")).toMatchObject({ status: "ok" });
}

describe("keys of Object.prototype", () => {
  const hostile =
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":"x","hasOwnProperty":1}';

  it("are data in the context: merged, echoed and removed like any other", async () => {
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

  it("reach the model as data from message.context and options, and pollute nothing", async () => {
    const { status } = await push(
      "message",
      `{"content":"Hi","context":${hostile},"options":{"engine":"simple","__proto__":{"x":5}}}`,
    );
    expect(status).toBe("ok");
    await client.next(([, , at, event]) => at === topic && event === "response");
    const [request] = server.model.requests;
    expect(request?.system).toContain('"__proto__"');
    expect(request?.system).toContain('"polluted": 1');
    expect(Object("x").polluted).toBeUndefined();
  });

  it("are not taken for fields", async () => {
    const json = '{"__proto__":{"content":"Hi"},"constructor":{"content":"Hi"}}';
    expect(await push("message", json)).toMatchObject({ status: "error", response: { reason: "invalid_payload" } });
    const { status } = await push(
      "message",
      '{"content":"Hi","options":{"engine":"simple"},"llm_config":{"__proto__":{"temperature":9}}}',
    );
    expect(status).toBe("ok");
    await client.next(([, , at, event]) => at === topic && event === "response");
    expect(server.model.requests.at(-1)?.body.temperature).not.toBe(9);
  });
});

describe("unknown keys", () => {
  it("of a payload are ignored, of llm_config never forwarded", async () => {
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
    await client.next(([, , at, event]) => at === topic && event === "response");
    const [request] = server.model.requests;
    expect(request?.rawBody).not.toContain("evil");
    for (const key of ["base_url", "stop", "logit_bias", "tools", "user"])
      expect(request?.body).not.toHaveProperty(key);
    expect(request?.body.n ?? 1).toBe(1);
    expect(request?.stream).toBe(true);
  });
});

describe("nesting", () => {
  const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;

  it.each([100, 2_000, 5_000])("of %i levels is refused, and the channel goes on", async (depth) => {
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
      const isError = ([, , at, event]: FrameV2) => at === topic && event === "error";
      expect((await client.next(isError, 500))[4]).toHaveProperty("details.code");
    }
    await expectAlive();
  });

  it("of twenty levels is data", async () => {
    const { response } = await push("set_context", `{"context":${nested(20)}}`);
    expect(JSON.stringify(response.context)).toBe(nested(20));
  });
});

describe("text", () => {
  it.each([
    ["NUL", "a\0b"],
    ["bidi controls", "a\u202eb\u2066c"],
    ["combining marks", "Z̸̡͝a̴̧͠"],
    ["ANSI escapes", "\u001b[31mred\u001b[0m"],
    ["line separators", "a\u2028b\u2029c"],
    ["a lone surrogate", "a\ud800b"],
    ["mustaches", "{{question}} {{{data}}} {{#x}}"],
  ])("with %s comes back exactly as it was sent", async (_name, content) => {
    const sent = JSON.stringify({ content, options: { engine: "simple" } });
    expect(await push("message", sent)).toMatchObject({ status: "ok" });
    const [, , , , response] = await client.next(([, , at, event]) => at === topic && event === "response");
    expect(response.query).toBe(content);
    const history = await push("get_history", "{}");
    expect(history.response.turns).toMatchObject([{ query: content }]);
    if (content.isWellFormed()) expect(server.model.requests.at(-1)?.user).toBe(content);
  });

  it("in message ids tells one message from the other, lone surrogates too", async () => {
    const ids = ["\0", "\0\0", "é", "e\u0301", "\ud800", "\ud801", "ID", "id", " id"];
    const turns = new Set<unknown>();
    for (const id of ids) {
      const options = { engine: "simple" };
      const { status, response } = await push("message", JSON.stringify({ content: "Hi", id, options }));
      expect({ id, status, duplicate: response.duplicate }).toEqual({ id, status: "ok", duplicate: false });
      turns.add(response.turn_id);
      await client.next(
        ([, , at, event, { turn_id }]) => at === topic && event === "response" && turn_id === response.turn_id,
      );
    }
    expect(turns.size).toBe(ids.length);
  });
});

describe("a binary push", () => {
  const binary = (event: string, data: Buffer) => {
    const fields = [`${joinRef}`, "b", topic, event].map((field) => Buffer.from(field));
    return Buffer.concat([Buffer.from([0, ...fields.map(({ length }) => length)]), ...fields, data]);
  };

  it.each(["message", "set_context", "new_conversation", "typing", "stop", "get_history"])(
    "to %s is refused as text",
    async (event) => {
      client.send(binary(event, Buffer.from('{"content":"Hi"}')));
      const frame = await client.next(([, one]) => one === "b");
      expect(frame).toEqual([
        `${joinRef}`,
        "b",
        topic,
        "phx_reply",
        { status: "error", response: expect.objectContaining({ reason: "invalid_payload" }) },
      ]);
      expect((await client.next(([, , at, event]) => at === topic && event === "error"))[4]).toMatchObject({
        details: { code: "invalid_payload" },
      });
      await expectAlive();
    },
  );

  it("from phoenix.js is refused the same way", async () => {
    await using official = await connect(server.url, { apiKey: "key-a" });
    const conversation = await official.join(crypto.randomUUID());
    expect(await conversation.push("message", new ArrayBuffer(8))).toMatchObject({
      status: "error",
      response: { reason: "invalid_payload" },
    });
  });
});
