import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, describe, expect, it, vi } from "vitest";

import { type RawReply, rawServer, type Step } from "./raw-server.ts";
import { chunk, completion, event, stream } from "./reading.ts";
import { modelAt, question } from "./support.ts";

vi.setConfig({ maxConcurrency: 30 }); // these tests mostly wait

const server = await rawServer();
afterAll(() => server.close());

const answer = "Trees branch, lists do not.";
const [first, second] = [chunk({ content: "Trees branch, " }), chunk({ content: "lists do not." })];
const stop = chunk({}, "stop");
const done = event("[DONE]");
const usage = event({ choices: [], usage: { prompt_tokens: 21, completion_tokens: 9 } });
const whole = JSON.stringify(completion({ role: "assistant", content: answer }));
const comment = ": prefill\n\n";

interface Asked extends RawReply {
  silenceMs?: number;
}

/** Asks once for this reply. */
async function ask({ silenceMs = 20_000, ...reply }: Asked) {
  const model = modelAt(server.serves(reply));
  return await model.chat({ retries: 0, silenceMs }).invoke(question);
}

const asks = (steps: Step[], more: Omit<Asked, "steps"> = {}) => ask({ steps, ...more });
const json = { "content-type": "application/json" };
const plain = { "content-type": "text/plain; charset=utf-8" };

describe.concurrent("an answer arrives whole", () => {
  it.concurrent.each<[string, Asked]>([
    ["as events labelled as JSON", { headers: json, steps: [first, second, stop, done] }],
    ["as events labelled as text", { headers: plain, steps: [first, second, stop, done] }],
    ["as events without a label", { headers: { "content-type": "" }, steps: [first, second, stop, done] }],
    ["as JSON labelled as events", { steps: [whole] }],
    ["as JSON labelled as text", { headers: plain, steps: [whole] }],
    ["as JSON labelled as a page", { headers: { "content-type": "text/html" }, steps: [whole] }],
    ["as JSON with [DONE] glued on", { steps: [`${whole}\ndata: [DONE]\n\n`] }],
    [
      "as JSON behind blanks that keep the connection alive",
      { headers: json, silenceMs: 1500, steps: ["\n", 900, "\n", 900, " ", 900, whole] },
    ],
    [
      "as JSON in slow halves",
      { headers: json, silenceMs: 1500, steps: [whole.slice(0, 50), 900, whole.slice(50, 90), 900, whole.slice(90)] },
    ],
    ["as JSON on a connection that stays open", { headers: json, silenceMs: 1500, steps: [whole, "hang"] }],
    [
      "as JSON that is shorter than its length",
      { headers: { ...json, "content-length": "9999" }, steps: [whole, 20, "reset"] },
    ],
    ["in an ordered body without any end", { steps: [first, second] }],
    [
      "in an ordered body of a known length",
      { headers: { "content-length": String(Buffer.byteLength(first + second)) }, steps: [first, second] },
    ],
    ["though the connection is reset behind the finish reason", { steps: [first, second, stop, 60, "reset"] }],
    ["though the connection is reset at once behind the finish reason", { steps: [first + second + stop, 5, "reset"] }],
    ["though nonsense follows the finish reason", { steps: [first + second + stop, "data: <html>\n\n", "hang"] }],
    ["though an event is cut behind the finish reason", { steps: [first + second + stop, 'data: {"cho', 5, "reset"] }],
    [
      "though the server stays silent behind the finish reason",
      { silenceMs: 1500, steps: [first, second, stop, "hang"] },
    ],
    [
      "though only comments follow the finish reason",
      {
        silenceMs: 1500,
        steps: [
          first,
          second,
          stop,
          ...Array<Step>(20)
            .fill(comment)
            .flatMap((each) => [each, 100]),
          "hang",
        ],
      },
    ],
    ["though the server stays connected behind [DONE]", { steps: [first, second, stop, done, "hang"] }],
    [
      "with a stop in every event, 1.3 s apart",
      {
        silenceMs: 3000,
        steps: [chunk({ content: "Trees branch, " }, "stop"), 1300, chunk({ content: "lists do not." }, "stop"), done],
      },
    ],
    [
      "behind comments for two limits of silence",
      {
        silenceMs: 1000,
        steps: [
          ...Array<Step>(20)
            .fill(comment)
            .flatMap((each) => [each, 100]),
          first,
          second,
          stop,
          done,
        ],
      },
    ],
    [
      "behind empty events for two limits of silence",
      {
        silenceMs: 1000,
        steps: [
          ...Array<Step>(20)
            .fill("data:\n\ndata: null\n\n")
            .flatMap((each) => [each, 100]),
          first,
          second,
          stop,
        ],
      },
    ],
    [
      "in an event that drips",
      { silenceMs: 1500, steps: [first.slice(0, 30), 900, first.slice(30, 60), 900, first.slice(60), second, stop] },
    ],
    [
      "as text so far",
      {
        steps: ["Trees ", 5, "Trees branch, ", 5, answer]
          .map((step) => (typeof step === "string" ? chunk({ content: step }) : step))
          .concat(stop, done),
      },
    ],
  ])("%s", async (_how, reply) => {
    expect((await ask(reply)).text).toBe(answer);
  });

  it.concurrent("with the usage that comes 1.6 s behind the finish reason", async () => {
    const reply = await asks([first, second, stop, 1600, usage, done], { silenceMs: 3000 });
    expect(reply).toMatchObject({ text: answer, usage_metadata: { input_tokens: 21, output_tokens: 9 } });
  });

  it.concurrent.each<[string, string, (body: Buffer) => Buffer]>([
    ["gzip", "gzip", (body) => gzipSync(body)],
    ["gzip, without saying so", "", (body) => gzipSync(body)],
    ["deflate", "deflate", (body) => deflateSync(body)],
    ["deflate without its header", "deflate", (body) => deflateRawSync(body)],
    ["brotli", "br", (body) => brotliCompressSync(body)],
    ["zstd", "zstd", (body) => zstdCompressSync(body)],
    ["gzip in its name alone", "gzip", (body) => body],
    ["brotli in its name alone", "br", (body) => body],
    ["deflate in its name alone", "deflate", (body) => body],
    ["an unknown encoding in its name alone", "x-none", (body) => body],
  ])("compressed with %s", async (_how, encoding, compressed) => {
    const headers = { "content-encoding": encoding };
    for (const body of [stream("Trees branch, ", "lists do not."), whole, `\n\n${whole}`]) {
      const bytes = compressed(Buffer.from(body));
      const half = bytes.length / 2;
      expect((await asks([bytes.subarray(0, half), 5, bytes.subarray(half)], { headers })).text).toBe(answer);
    }
  });

  it.concurrent("compressed piece by piece, as it comes", async () => {
    const all = gzipSync(first + second + stop, { finishFlush: constants.Z_SYNC_FLUSH });
    const reply = await asks([all, "hang"], { headers: { "content-encoding": "gzip" }, silenceMs: 1500 });
    expect(reply.text).toBe(answer);
    const cut = await asks([all, 20, "reset"], { headers: { "content-encoding": "gzip" } });
    expect(cut.text).toBe(answer);
  });
});

it("nothing of a reply that broke is left in the reply to the next request", async () => {
  const call = (args: string) =>
    chunk({ reasoning: "Hm. ", tool_calls: [{ index: 0, function: { name: "find", arguments: args } }] });
  const url = server.serves(
    { steps: [call('{"a":1'), 20, "reset"] },
    { steps: [call('{"a":2}'), chunk({}, "tool_calls")] },
  );
  const reply = await modelAt(url).chat({ retries: 1 }).invoke(question);
  expect(reply).toMatchObject({
    tool_calls: [{ name: "find", args: { a: 2 } }],
    additional_kwargs: { reasoning_content: "Hm. " },
  });
});

it("text that turns out to be reasoning is taken back", async () => {
  const heard: unknown[] = [];
  const steps = [chunk({ content: "Hm, lists.\n" }), 30, chunk({ content: "</think>\n\n" }), first + second + stop];
  const reply = await modelAt(server.serves({ steps }))
    .chat()
    .invoke(question, {
      onText: (text) => heard.push(["text", text]) > 0,
      onRestart: (reasoning) => heard.push(["restart", reasoning]),
    });
  expect(reply).toMatchObject({ text: answer, additional_kwargs: { reasoning_content: "Hm, lists.\n" } });
  expect(heard.slice(0, 2)).toEqual([
    ["text", "Hm, lists.\n"],
    ["restart", "Hm, lists.\n"],
  ]);
});
