import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it, vi } from "vitest";

import { type RawReply, rawServer, type Step } from "./raw-server.ts";
import { chunk, event } from "./reading.ts";
import { modelAt, question } from "./support.ts";

vi.setConfig({ maxConcurrency: 30 }); // these tests mostly wait

const server = await rawServer();
afterAll(() => server.close());

const answer = "Trees branch, lists do not.";
const [first, second] = [chunk({ content: "Trees branch, " }), chunk({ content: "lists do not." })];
const stop = chunk({}, "stop");
const done = event("[DONE]");
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

describe.concurrent("a reply fails", () => {
  const bomb = gzipSync(Buffer.alloc(200_000_000, " "));
  const events = gzipSync(Buffer.concat([Buffer.from("data: "), Buffer.alloc(50_000_000, "x")]));
  const gzip = { "content-encoding": "gzip" };

  it.concurrent.each<[string, string, Asked]>([
    ["that is cut in the middle", "model_unavailable", { steps: [first, second, 20, "reset"] }],
    [
      "that is cut in compressed data",
      "model_unavailable",
      { headers: gzip, steps: [gzipSync(first + second + stop).subarray(0, 60), 20, "reset"] },
    ],
    [
      "that ends in the middle of compressed data",
      "model_unavailable",
      { headers: gzip, steps: [gzipSync(first + second + stop).subarray(0, 60)] },
    ],
    [
      "with damaged compressed data",
      "model_unavailable",
      { headers: gzip, steps: [Buffer.concat([gzipSync(first).subarray(0, 20), Buffer.alloc(500, 7)]), "hang"] },
    ],
    [
      "whose event grows without an end when it is decompressed",
      "model_unavailable",
      { headers: gzip, steps: [events, "hang"] },
    ],
    [
      "that sends comments without an end",
      "model_timeout",
      {
        silenceMs: 100,
        steps: [
          ...Array<Step>(40)
            .fill(comment)
            .flatMap((each) => [each, 40]),
          "hang",
        ],
      },
    ],
    [
      "that sends empty events without an end",
      "model_timeout",
      {
        silenceMs: 100,
        steps: [
          first,
          ...Array<Step>(40)
            .fill("data: null\n\n")
            .flatMap((each) => [each, 40]),
          "hang",
        ],
      },
    ],
    ["that stalls in half an event", "model_timeout", { silenceMs: 100, steps: [first, second.slice(0, 40), "hang"] }],
    [
      "that tells of a rate limit",
      "model_rate_limited",
      { steps: [event({ error: { message: "slow down", code: 429, type: "rate_limit_error" } }), done] },
    ],
    [
      "that tells of a rate limit in its middle",
      "model_rate_limited",
      { steps: [first, event({ error: { message: "slow down", code: 429 } }), done] },
    ],
    [
      "that tells of a content filter",
      "model_refused",
      { steps: [first, event({ error: { message: "no", code: "content_filter" } })] },
    ],
    [
      "that tells of an error as JSON with status 200",
      "model_unavailable",
      { headers: json, steps: ['{"error":{"message":"boom","code":500}}'] },
    ],
    [
      "that is a page",
      "model_unavailable",
      { headers: { "content-type": "text/html" }, steps: ["<html><body>Sign in</body></html>"] },
    ],
    ["with malformed tool calls", "model_unavailable", { steps: [chunk({ tool_calls: "abc" })] }],
    [
      "with a compressed error",
      "model_rate_limited",
      { status: 429, headers: gzip, steps: [gzipSync('{"error":{"message":"slow"}}')] },
    ],
    [
      "with an error that grows without an end when it is decompressed",
      "model_unavailable",
      { status: 400, headers: gzip, steps: [bomb, "hang"] },
    ],
    [
      "with an error that does not end",
      "model_unavailable",
      { status: 400, steps: [...Array<Step>(5).fill("x".repeat(20_000)), "hang"] },
    ],
  ])("%s", async (_how, code, reply) => {
    await expect(ask(reply)).rejects.toMatchObject({ name: "ModelFailure", code });
  });

  it.concurrent("with a help for the operator if the model needs longer", async () => {
    await expect(asks(["hang"], { silenceMs: 50 })).rejects.toMatchObject({
      help: expect.stringContaining("MODEL_TIMEOUT_MS"),
    });
  });

  it.concurrent("and compressed comments without an end do not hold up anybody", async () => {
    const answers = asks([bomb, "hang"], { headers: gzip, silenceMs: 3000 }).catch(({ code }) => code);
    const other = asks([first, second, stop, done]);
    expect((await other).text).toBe(answer);
    expect(await answers).toMatch(/model_/);
  });
});
