import { afterAll, describe, expect, it } from "vitest";

import { simple } from "../support/conversation.ts";
import { cutAfter, faults, type Reply, rateLimited, slowDrip } from "../support/model-server.ts";
import { start } from "../support/start.ts";

const server = await start({ RATE_LIMIT_MESSAGES: "0", RATE_LIMIT_JOINS: "0", MODEL_TIMEOUT_MS: "1300" });
const client = await server.connect();
afterAll(async () => {
  await client.close();
  await server.close();
});

// The model misbehaves per question, so that the tests can run concurrently.
const scripts = new Map<string, Reply[]>();
server.model.answer(({ user }) => scripts.get(user)?.shift());

/** Asks a question with scripted replies. The last one is repeated for retries. */
async function ask(...replies: Reply[]) {
  const content = crypto.randomUUID();
  const last = replies.at(-1) ?? {};
  scripts.set(content, [...replies, last, last, last, last]);
  const conversation = await client.join(crypto.randomUUID());
  const turn = await conversation.ask(content, simple);
  const requests = server.model.requests.filter(({ user }) => user === content);
  return { conversation, turn, requests, ...turn.terminal };
}

const fast = { "retry-after-ms": "1" };
const quick = (reply: Reply): Reply => ({ ...reply, headers: fast });
const reset: Reply = { cutAfter: "request" };

const waitedMs = ({ requests: [first, second] }: Awaited<ReturnType<typeof ask>>) =>
  (second?.at ?? 0) - (first?.at ?? 0);

describe("an unusual model reply", () => {
  const oddities: [string, Reply, string][] = [
    ["stray lines between events", { ...faults.strayLines }, "A whole answer"],
    ["characters split between reads", { ...faults.splitUtf8 }, faults.splitUtf8.text],
    ["a missing end mark", { ...faults.doneMissing }, faults.doneMissing.text],
    ["a connection that stays open", { ...faults.doneWithoutClose }, faults.doneWithoutClose.text],
    ["a slow drip", slowDrip("drip drop drip drop", 40), "drip drop drip drop"],
    ["no usage", { text: "No usage", usage: null }, "No usage"],
  ];

  it.concurrent.each(oddities)("an unusual model reply with %s does not fail the turn", async (_name, reply, text) => {
    const { turn, event, payload } = await ask(reply);
    expect({ event, response: payload.response, shown: turn.text }).toEqual({
      event: "response",
      response: text,
      shown: text,
    });
    expect(payload.metadata.usage.llm_calls).toBe(1);
  });

  it.concurrent("an answer cut by its length limit is marked truncated", async () => {
    const { event, payload } = await ask({ ...faults.truncated });
    expect(event).toBe("response");
    expect(payload).toMatchObject({ response: faults.truncated.text, metadata: { truncated: true } });
  });

  it.concurrent("an empty answer is asked for again", async () => {
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
  ])("a retry after %s gets the answer, and llm_calls counts it", async (_name, fault) => {
    const { event, payload, requests } = await ask(fault, { text: "At last" });
    expect(event).toBe("response");
    expect(payload).toMatchObject({ response: "At last", metadata: { usage: { llm_calls: 2 } } });
    expect(requests).toHaveLength(2);
  });

  it.concurrent("a retry waits as long as the model server says, in milliseconds or seconds", async () => {
    const [exact, whole] = await Promise.all([
      ask({ ...rateLimited(), headers: { "retry-after-ms": "300" } }, { text: "Now" }),
      ask(rateLimited("1"), { text: "Now" }),
    ]);
    expect(waitedMs(exact)).toBeGreaterThanOrEqual(295);
    expect(waitedMs(whole)).toBeGreaterThanOrEqual(995);
  });

  it.concurrent("a retry waits until the date that the model server names", async () => {
    const date = new Date(Date.now() + 1250).toUTCString();
    expect((await ask(rateLimited(date), { text: "Now" })).payload.response).toBe("Now");
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(date));
  });

  it.concurrent.each([
    ["400", { ...faults.badRequest }],
    ["401", { ...faults.unauthorized }],
    ["404", { ...faults.modelNotFound }],
    ["a refusal", { ...faults.refusal }],
    ["text that was shown", cutAfter(3)],
    ["an hour to wait", rateLimited("3600")],
  ])("there is no retry after %s", async (_name, fault) => {
    const { requests } = await ask(fault);
    expect(requests).toHaveLength(1);
  });

  it.each([
    { prompt_tokens: null, completion_tokens: null },
    { prompt_tokens: -1, completion_tokens: -1 },
    { prompt_tokens: "12", completion_tokens: 3 },
    { prompt_tokens: 1e308, completion_tokens: 1e308 },
    { prompt_tokens: 2 ** 53, completion_tokens: 3 },
    { prompt_tokens: 1.5, completion_tokens: 3 },
  ])("an answer whose usage is %j is accepted, and counts no tokens", async (usage) => {
    const chunk = (rest: object) =>
      `data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", model: "gpt-4.1-mini", ...rest })}\n\n`;
    const words = chunk({ choices: [{ index: 0, delta: { content: "Here" }, finish_reason: "stop" }] });
    const rawBody = `${words}${chunk({ choices: [], usage })}data: [DONE]\n\n`;
    const { payload } = await ask({ rawBody, headers: { "content-type": "text/event-stream" } });
    expect(payload).toMatchObject({ response: "Here", metadata: { usage: { input_tokens: 0, output_tokens: 0 } } });
    expect(payload.metadata.usage).not.toHaveProperty("cost_usd");
  });
});
