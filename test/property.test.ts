import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";

import { type FrameV2, rawClient } from "./support/raw-client.ts";
import { size } from "./support/size.ts";
import { start } from "./support/start.ts";

const runs = size(25, 100);
const framesARun = 200;
const framesABatch = 50;
/** Larger frames close the socket. */
const largestFrame = 1024 * 1024;

const server = await start({
  RATE_LIMIT_MESSAGES: "0",
  RATE_LIMIT_PUSHES: "0",
  RATE_LIMIT_JOINS: "0",
  RATE_LIMIT_CONNECTIONS: "0",
});
const uncaught: unknown[] = [];
const note = (error: unknown) => void uncaught.push(error);
beforeAll(() => void process.on("uncaughtException", note).on("unhandledRejection", note));
afterAll(async () => {
  process.off("uncaughtException", note).off("unhandledRejection", note);
  await server.close();
});

const fields =
  "content context options llm_config id engine when_busy model temperature max_tokens top_p typing turn_id limit before score comment user_id preferences resume offset";
const hostile = "__proto__ constructor prototype toString valueOf hasOwnProperty toJSON then length 0 -1";
const key = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...fields.split(" ")) },
  { weight: 3, arbitrary: fc.constantFrom(...hostile.split(" "), "", "\0", "\ud800", "\u2028", "{{data}}", "```") },
  fc.string({ unit: "binary", maxLength: 8 }),
);
const text = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "Hi",
    "simple",
    "complex",
    "generation",
    "queue",
    "replace",
    "reject",
    "gpt-4",
    "test-model",
    "phoenix",
  ),
  fc.constantFrom("\0", "\ud800", "\udfff\ud800", "```", "{{x}}", "\u202e", "'; DROP TABLE turns; --", "a".repeat(129)),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.integer({ min: 1, max: 10_000 }).map((length) => "🙂".repeat(length / 2 + 1)),
);
const scalar = fc.oneof(
  text.map((value) => JSON.stringify(value)),
  fc.double().map((value) => (Number.isFinite(value) ? JSON.stringify(value) : "null")),
  fc.constantFrom(
    "null",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "-0",
    "1e999",
    "-1e999",
    "1e-400",
    "32768",
    "9007199254740993",
    "0.5",
  ),
);
/** JSON as text, so that keys such as `__proto__` survive. */
const { json } = fc.letrec<{ json: string; object: string; array: string }>((tie) => ({
  json: fc.oneof({ depthSize: "small" }, { weight: 3, arbitrary: scalar }, tie("object"), tie("array")),
  object: fc
    .array(fc.tuple(key, tie("json")), { maxLength: 5 })
    .map((entries) => `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}`),
  array: fc.array(tie("json"), { maxLength: 4 }).map((values) => `[${values.join(",")}]`),
}));
const deep = fc.integer({ min: 1, max: 4000 }).map((depth) => `${'{"context":'.repeat(depth)}1${"}".repeat(depth)}`);

/** Nearly valid payloads reach more code than obviously invalid ones. */
const nearly = fc
  .tuple(fc.constantFrom("content", "context", "typing", "turn_id", "limit", "score"), json, json, json)
  .map(
    ([name, value, config, options]) =>
      `{"content":"Hi","${name}":${value},"llm_config":${config},"options":${options}}`,
  );
const right = fc.constantFrom(
  '{"content":"Hi","options":{"engine":"simple"}}',
  '{"content":"Hi","id":"same","options":{"engine":"analysis","when_busy":"replace"}}',
  '{"context":{"__proto__":{"polluted":1},"a":null}}',
  '{"typing":true}',
  '{"limit":200}',
);
const payload = fc.oneof(
  { weight: 3, arbitrary: json },
  { weight: 3, arbitrary: nearly },
  { weight: 2, arbitrary: right },
);

const events = "message new_conversation set_context typing stop regenerate edit get_history feedback";
const others =
  "response thinking error phx_reply phx_close phx_error phx_leav heartbeat presence_state __proto__ constructor toString";
const event = fc
  .oneof(
    { weight: 8, arbitrary: fc.constantFrom(...events.split(" ")).map((name) => JSON.stringify(name)) },
    { weight: 2, arbitrary: fc.constantFrom(...others.split(" ")).map((name) => JSON.stringify(name)) },
    fc.string({ unit: "binary" }).map((name) => JSON.stringify(name)),
    scalar,
  )
  .filter((name) => !['"phx_leave"', '"phx_join"'].includes(name));
const joinRef = fc.constantFrom('"1"', '"1"', "null", '"stale"', "1", "{}");
const ref = fc.oneof(fc.constantFrom('"7"', "null", "7", "[]", '"__proto__"'), scalar);

it("nothing that a client pushes crashes its channel or the process", async () => {
  const topic = "conversation:fuzzed";
  const usual = fc.record({ joinRef, ref, event, payload });
  // A nested ref would make the frame unreadable, which closes the socket.
  const nested = fc.record({
    joinRef: fc.constantFrom('"1"', "null"),
    ref: fc.constantFrom('"7"', "null"),
    event,
    payload: deep,
  });
  const frame = fc
    .oneof({ weight: 15, arbitrary: usual }, nested)
    .map((one) => `[${one.joinRef},${one.ref},"${topic}",${one.event},${one.payload}]`)
    .filter((one) => Buffer.byteLength(one) < largestFrame);
  const ended = ({ 2: at, 3: name }: FrameV2) => at === topic && (name === "phx_close" || name === "phx_error");
  let sent = 0;

  const holds = fc.asyncProperty(fc.array(frame, { minLength: framesARun, maxLength: framesARun }), async (frames) => {
    await using client = await rawClient(server.url, { params: { api_key: "key-a" } });
    client.send(["1", "1", topic, "phx_join", {}]);
    for (let at = 0; at < framesARun; at += framesABatch) {
      const batch = frames.slice(at, at + framesABatch);
      for (const one of batch) client.send(one);
      sent += batch.length;
      const mine = `alive ${at}`;
      client.send(["1", mine, topic, "get_history", { limit: 1 }]);
      const answer = await client.next((one) => one[1] === mine || ended(one), 8000);
      expect(answer.slice(0, 4)).toEqual(["1", mine, topic, "phx_reply"]);
      expect(answer[4]).toMatchObject({ status: "ok", response: { turns: expect.any(Array) } });
    }
    const internal = client.frames.filter(({ 4: body }) => JSON.stringify(body).includes('"internal"'));
    expect(internal).toEqual([]);
  });
  await fc.assert(holds, { numRuns: runs, endOnFailure: true });

  expect(sent).toBe(runs * framesARun);
  expect(uncaught).toEqual([]);
  expect(Object("x").polluted).toBeUndefined();
}, 120_000);
