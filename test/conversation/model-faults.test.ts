import { afterAll, describe, expect, it } from "vitest";

import {
  cutAfter,
  faults,
  huge,
  type Reply,
  rateLimited,
  refusingUrl,
  slowDrip,
  stallAfter,
} from "../support/model-server.ts";
import { start } from "../support/start.ts";

const server = await start({ RATE_LIMIT_MESSAGES: "0", RATE_LIMIT_JOINS: "0", MODEL_TIMEOUT_MS: "1300" });
const client = await server.connect();
const simple = { options: { engine: "simple" } };
afterAll(async () => {
  await client.close();
  await server.close();
});

// Each question has the model misbehave in its own way, so that the tests can run side by side.
const scripts = new Map<string, Reply[]>();
server.model.answer(({ user }) => scripts.get(user)?.shift());

/** Repeats of the last reply, so that retries meet it as well. */
async function ask(...replies: Reply[]) {
  const content = crypto.randomUUID();
  const last = replies.at(-1) ?? {};
  scripts.set(content, [...replies, last, last, last, last]);
  const conversation = await client.join(crypto.randomUUID());
  const turn = await conversation.ask(content, simple);
  const requests = server.model.requests.filter(({ user }) => user === content);
  return { conversation, turn, requests, ...turn.terminal };
}

/** What no client may ever see of a provider. */
const canaries =
  /sk-|canary|openai|api key|127\.0\.0\.1|localhost|boom|html|gateway|quota|overloaded|node_modules|\bat .+:\d+/i;

const fast = { "retry-after-ms": "1" };
const quick = (reply: Reply): Reply => ({ ...reply, headers: fast });
const reset: Reply = { cutAfter: "request" };

const failures: [string, string, Reply][] = [
  ["model_unavailable", "400", { ...faults.badRequest }],
  ["model_unavailable", "401", { ...faults.unauthorized }],
  ["model_unavailable", "403", { ...faults.forbidden }],
  ["model_unavailable", "404", { ...faults.modelNotFound }],
  ["model_unavailable", "400, the context too long", { ...faults.contextTooLong }],
  ["model_unavailable", "500", quick({ ...faults.serverError })],
  ["model_unavailable", "503", quick({ ...faults.overloaded })],
  ["model_unavailable", "an HTML page", { ...faults.htmlPage }],
  ["model_unavailable", "a connection cut before the headers", reset],
  ["model_unavailable", "an empty answer", { ...faults.empty }],
  ["model_unavailable", "a cut in mid-stream", cutAfter(3)],
  ["model_unavailable", "an error in the stream", { ...faults.errorInStream }],
  ["model_unavailable", "malformed JSON in the stream", { ...faults.malformedJson }],
  ["model_unavailable", "malformed SSE", { ...faults.malformedSse }],
  ["model_unavailable", "an end without finish reason", { ...faults.unfinished }],
  ["model_rate_limited", "429", quick(rateLimited())],
  ["model_rate_limited", "429 with an hour to wait", rateLimited("3600")],
  ["model_rate_limited", "429 with a far date to wait for", rateLimited("Fri, 31 Dec 2100 23:59:59 GMT")],
  ["model_rate_limited", "429, the quota used up", quick({ ...faults.quotaExceeded })],
  ["model_refused", "a refusal", { ...faults.refusal }],
  ["model_refused", "a content filter", { ...faults.contentFilter }],
  ["model_refused", "a refused prompt", { ...faults.filteredPrompt }],
  ["model_timeout", "silence", { ...faults.hang }],
  ["model_timeout", "silence after the headers", { ...faults.hangAfterHeaders }],
  ["model_timeout", "nothing but comments", { ...faults.hangWithComments }],
  ["model_timeout", "a stall in mid-stream", stallAfter(3)],
];

describe("a model's failure", () => {
  it.concurrent.each(failures)(
    "is %s for %s: one terminal event, no vendor text, and the next turn works",
    async (code, _name, reply) => {
      const { conversation, turn, event, payload } = await ask(reply);
      expect({ event, code: payload.details?.code }).toEqual({ event: "error", code });
      expect(payload).toMatchObject({ turn_id: turn.turnId, message: expect.stringMatching(/./) });
      expect(JSON.stringify(conversation.events.map(({ payload: seen }) => seen))).not.toMatch(canaries);
      const { response } = await conversation.push("get_history");
      expect(response.turns).toMatchObject([{ status: "failed", response: turn.text }]);
      expect(JSON.stringify(response)).not.toMatch(canaries);
      const next = await conversation.ask("The next one", simple);
      expect(next.terminal.event).toBe("response");
      expect(conversation.terminals(turn.turnId)).toHaveLength(1);
    },
  );
});

describe("a model's oddity", () => {
  const oddities: [string, Reply, string][] = [
    ["stray lines between events", { ...faults.strayLines }, "A whole answer"],
    ["characters split between reads", { ...faults.splitUtf8 }, faults.splitUtf8.text],
    ["a missing end mark", { ...faults.doneMissing }, faults.doneMissing.text],
    ["a connection that stays open", { ...faults.doneWithoutClose }, faults.doneWithoutClose.text],
    ["a slow drip", slowDrip("drip drop drip drop", 40), "drip drop drip drop"],
    ["no usage", { text: "No usage", usage: null }, "No usage"],
  ];

  it.concurrent.each(oddities)("of %s is no failure", async (_name, reply, text) => {
    const { turn, event, payload } = await ask(reply);
    expect({ event, response: payload.response, shown: turn.text }).toEqual({
      event: "response",
      response: text,
      shown: text,
    });
    expect(payload.metadata.usage.llm_calls).toBe(1);
  });

  it.concurrent("of a length limit is an answer marked truncated", async () => {
    const { event, payload } = await ask({ ...faults.truncated });
    expect(event).toBe("response");
    expect(payload).toMatchObject({ response: faults.truncated.text, metadata: { truncated: true } });
  });

  it.concurrent("of ten megabytes is cut at one and marked truncated", async () => {
    const { turn, event, payload, requests } = await ask(huge());
    expect(event).toBe("response");
    expect(payload.metadata.truncated).toBe(true);
    expect(payload.response.length).toBe(1_048_576);
    expect(turn.text).toBe(payload.response);
    await requests[0]?.closed;
  });

  it.concurrent("of one megabyte exactly is whole", async () => {
    const { payload } = await ask(huge(1_048_576));
    expect(payload.response.length).toBe(1_048_576);
    expect(payload.metadata).not.toHaveProperty("truncated");
  });

  it.concurrent("of an empty answer once is asked again", async () => {
    const { payload, requests } = await ask({ ...faults.empty }, { text: "Now" });
    expect(payload).toMatchObject({ response: "Now", metadata: { usage: { llm_calls: 2 } } });
    expect(requests).toHaveLength(2);
  });
});

describe("retries", () => {
  it.concurrent.each([
    ["a 500", quick({ ...faults.serverError })],
    ["a 429", quick(rateLimited())],
    ["a 429 with seconds to wait", rateLimited("0")],
    ["a 429 with a date that has passed", rateLimited("Wed, 21 Oct 2015 07:28:00 GMT")],
    ["a lost connection", reset],
    ["a cut before the first token", cutAfter(0)],
  ])("after %s find the answer, and llm_calls counts them", async (_name, fault) => {
    const { event, payload, requests } = await ask(fault, { text: "At last" });
    expect(event).toBe("response");
    expect(payload).toMatchObject({ response: "At last", metadata: { usage: { llm_calls: 2 } } });
    expect(requests).toHaveLength(2);
  });

  it.concurrent("wait as long as the server says", async () => {
    const { requests } = await ask({ ...rateLimited(), headers: { "retry-after-ms": "300" } }, { text: "Now" });
    expect((requests[1]?.at ?? 0) - (requests[0]?.at ?? 0)).toBeGreaterThanOrEqual(295);
  });

  it.concurrent.each([
    ["400", { ...faults.badRequest }],
    ["401", { ...faults.unauthorized }],
    ["404", { ...faults.modelNotFound }],
    ["a refusal", { ...faults.refusal }],
    ["text that was shown", cutAfter(3)],
    ["an hour to wait", rateLimited("3600")],
  ])("are not made after %s", async (_name, fault) => {
    const { requests } = await ask(fault);
    expect(requests).toHaveLength(1);
  });
});

it("a model server that is not there is model_unavailable", async () => {
  await using lost = await start({ OPENAI_BASE_URL: await refusingUrl() });
  await using visitor = await lost.connect();
  const { terminal } = await (await visitor.join("c")).ask("Hi", simple);
  expect(terminal).toMatchObject({ event: "error", payload: { details: { code: "model_unavailable" } } });
});

it("a turn that takes too long is model_timeout", async () => {
  await using hasty = await start({ TURN_TIMEOUT_MS: "200" });
  await using visitor = await hasty.connect();
  hasty.model.next(slowDrip("one two three four five six", 30));
  const conversation = await visitor.join("c");
  const { terminal, text } = await conversation.ask("Hi", simple);
  expect(terminal).toMatchObject({ event: "error", payload: { details: { code: "model_timeout" } } });
  expect((await conversation.push("get_history")).response.turns).toMatchObject([{ status: "failed", response: text }]);
});
