import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Client } from "../support/client.ts";
import { simple } from "../support/conversation.ts";
import type { Reply } from "../support/model-server.ts";
import type { ProviderRequest } from "../support/provider-server.ts";
import { start, unlimited } from "../support/start.ts";
import { kinds, providerServers } from "./provider-servers.ts";

/** What both kinds of scripted servers record of a request. */
type Request = Pick<ProviderRequest, "user" | "at" | "closed" | "closedByClientAt"> & { body: Record<string, unknown> };

const providers = await providerServers();
const { ollama } = providers;
afterAll(providers.close);

const limits = { ...unlimited, MODEL_TIMEOUT_MS: "900", TURN_TIMEOUT_MS: "4000" };
const prices = { MODEL_PRICES: "test-model=1000/2000,claude-sonnet-4-5=1000/2000,llama3.2=1000/2000" };

describe.concurrent.each(kinds(providers))("through $name", ({ env, told, limit, error, server: provider }) => {
  const scripts = new Map<string, Reply[]>();
  let server: Awaited<ReturnType<typeof start>>;
  let client: Client;
  let requests: readonly Request[];

  beforeAll(async () => {
    server = await start({ ...limits, ...prices, ...env });
    client = await server.connect();
    const next = (user: string) => [...scripts].find(([content]) => user.includes(content))?.[1].shift();
    if (provider) provider.answer(({ user }) => next(user));
    else server.model.answer(({ user }) => next(user));
    requests = provider?.requests ?? server.model.requests;
  });

  afterAll(async () => {
    await client.close();
    await server.close();
  });

  /** Asks a question with scripted replies. The last one is repeated for retries. */
  async function ask(replies: Reply[], extra: object = simple, joinParams = {}) {
    const content = crypto.randomUUID();
    const last = replies.at(-1) ?? {};
    if (replies.length > 0) scripts.set(content, [...replies, last, last, last]);
    const conversation = await client.join(crypto.randomUUID(), joinParams);
    const turn = await conversation.ask(content, extra);
    return { conversation, turn, requests: requestsOf(content), ...turn.terminal };
  }

  const requestsOf = (content: string) => requests.filter(({ user }) => user.includes(content));
  const soon = { "retry-after-ms": "1" };

  it.concurrent("an answer streams in pieces, with its model, usage and cost", async () => {
    const { turn, event, payload } = await ask([
      { chunks: ["one ", "two ", "three"], chunkDelayMs: 60, usage: { input: 40, output: 5 } },
    ]);
    expect(event).toBe("response");
    expect(turn.deltas.map(({ text }) => text)).toEqual(["one ", "two ", "three"]);
    expect(payload).toMatchObject({
      response: "one two three",
      metadata: {
        model_used: told,
        usage: { llm_calls: 1, input_tokens: 40, output_tokens: 5, cost_usd: expect.closeTo(0.05, 5) },
      },
    });
    expect(payload.metadata).not.toHaveProperty("truncated");
  });

  it.concurrent("a structured step gets its finding in one request", async () => {
    const { event, payload, requests } = await ask([], { options: { engine: "analysis" } });
    expect(event).toBe("response");
    expect(payload.metadata.analysis_points).toEqual(["points 1", "points 2"]);
    expect(payload.metadata).not.toHaveProperty("warnings");
    expect(requests).toHaveLength(2);
  });

  it.concurrent("the sampling reaches the server, under its own names", async () => {
    const { requests } = await ask([], { ...simple, llm_config: { temperature: 0.25, max_tokens: 77 } });
    const sent = requests[0]?.body ?? {};
    expect({ ...sent, ...(sent.options as object) }).toMatchObject({ temperature: 0.25, [limit]: 77 });
  });

  it.concurrent("a stop closes the request at once, and keeps what had arrived", async () => {
    const content = crypto.randomUUID();
    scripts.set(content, [{ chunks: ["one ", "two "], stallAfter: 2 }]);
    const conversation = await client.join(crypto.randomUUID());
    const { response } = await conversation.push("message", { content, ...simple });
    await conversation.next("response_delta", ({ offset, text }) => offset + text.length >= 8);
    const stoppedAt = performance.now();
    await conversation.push("stop");
    const { terminal } = await conversation.turn(response.turn_id);
    expect(terminal.payload).toMatchObject({ response: "one two ", metadata: { stopped: true } });
    const [request] = requestsOf(content);
    await request?.closed;
    expect((request?.closedByClientAt ?? 0) - stoppedAt).toBeLessThan(500);
  });

  it.concurrent.each([
    ["before the reply", { stallAfter: "request" }],
    ["before the first word", { text: "never", stallAfter: 0 }],
    ["in the middle", { text: "one two three", stallAfter: 2 }],
  ] as [string, Reply][])("silence %s is a timeout, and closes the request", async (_when, reply) => {
    const { event, payload, requests } = await ask([reply]);
    expect({ event, code: payload.details?.code }).toEqual({ event: "error", code: "model_timeout" });
    await Promise.all(requests.map(({ closed }) => closed));
    expect(requests.every(({ closedByClientAt }) => closedByClientAt !== undefined)).toBe(true);
  });

  it.concurrent("an answer that goes on for longer than a turn may take ends", async () => {
    const { payload, requests } = await ask([{ chunks: Array(60).fill("again "), chunkDelayMs: 150 }]);
    expect(payload.details?.code).toBe("model_timeout");
    await requests[0]?.closed;
    expect(requests[0]?.closedByClientAt).toBeDefined();
  });

  it.concurrent("an answer that a length limit cut is marked as truncated", async () => {
    const { payload } = await ask([{ text: "A cut", finishReason: "length" }]);
    expect(payload).toMatchObject({ response: "A cut", metadata: { truncated: true } });
  });

  const itIfItRefuses = provider === ollama ? it.skip : it.concurrent; // Ollama has no word for it
  itIfItRefuses("a refusal is told as one, and not asked again", async () => {
    const { payload, requests } = await ask([{ refusal: "I can't help with that." }]);
    expect(payload.details?.code).toBe("model_refused");
    expect(requests).toHaveLength(1);
  });

  it.concurrent("what the model thinks is told apart from its answer", async () => {
    const reply = { reasoning: ["First, ", "second."], text: "The answer" };
    const { turn, payload } = await ask([reply], simple, { preferences: { include_reasoning: true } });
    const thoughts = turn.events.filter(({ event }) => event === "reasoning_delta").map(({ payload }) => payload.text);
    expect(thoughts.join("")).toBe("First, second.");
    expect(payload.response).toBe("The answer");
  });

  it.concurrent("thinking that a model writes in front of its answer is no part of it", async () => {
    const reply = { chunks: ["<thi", "nk>First, second.</th", "ink>\n\nThe answer"], chunkDelayMs: 20 };
    const { turn, payload } = await ask([reply], simple, { preferences: { include_reasoning: true } });
    expect([turn.text, payload.response]).toEqual(["The answer", "The answer"]);
    expect(turn.events.some(({ event }) => event === "reasoning_delta")).toBe(true);
  });

  it.concurrent.each([
    ["a 429", { status: 429, headers: soon }],
    ["a 500", { status: 500, headers: soon }],
    ["a lost connection", { cutAfter: "request" }],
    ["a cut before the first word", { text: "one", cutAfter: 0 }],
  ] as [string, Reply][])("%s is asked again", async (_what, fault) => {
    const { payload, requests } = await ask([fault, { text: "Now" }]);
    expect(payload).toMatchObject({ response: "Now", metadata: { usage: { llm_calls: 2 } } });
    expect(requests).toHaveLength(2);
  });

  it.concurrent("a 429 is asked again when the server says", async () => {
    const { requests } = await ask([{ status: 429, headers: { "retry-after-ms": "400" } }, { text: "Now" }]);
    expect((requests[1]?.at ?? 0) - (requests[0]?.at ?? 0)).toBeGreaterThanOrEqual(395);
  });

  it.concurrent.each([
    ["a 429 that will not end soon", { status: 429, headers: { "retry-after": "3600" } }, "model_rate_limited"],
    ["a wrong key", { status: 401, error: { message: "bad key sk-ant-canary" } }, "model_unavailable"],
    ["an unknown model", { status: 404, error: { message: "no such model" } }, "model_unavailable"],
    ["a bad request", { status: 400, error: { message: "bad" } }, "model_unavailable"],
    ["a cut after the first words", { text: "one two three", cutAfter: 2 }, "model_unavailable"],
  ] as [string, Reply, string][])("%s fails the turn, without the server's words", async (_what, fault, code) => {
    const { event, payload, requests } = await ask([fault]);
    expect({ event, code: payload.details?.code }).toEqual({ event: "error", code });
    expect(JSON.stringify(payload)).not.toMatch(/canary|no such|\bbad\b/);
    expect(requests).toHaveLength(1);
  });

  it.concurrent.each([
    ["an error", error("boom canary")],
    ["half an object", 'data: {"choices":[{"del\n\nevent: content_block_delta\ndata: {"type":\n\n'],
  ])("%s in the middle of an answer fails the turn", async (_what, raw) => {
    const { event, payload } = await ask([{ text: "one two three", chunkDelayMs: 60, inject: { after: 2, raw } }]);
    expect({ event, code: payload.details?.code }).toEqual({ event: "error", code: "model_unavailable" });
    expect(JSON.stringify(payload)).not.toContain("canary");
  });

  // Some OpenAI-compatible servers never give a reason; these providers always do.
  const itIfReasonsAreSure = provider ? it.concurrent : it.skip;
  itIfReasonsAreSure("an answer that ends without a reason fails the turn", async () => {
    const { payload } = await ask([{ text: "one two three", finishReason: null }]);
    expect(payload.details?.code).toBe("model_unavailable");
  });

  it.concurrent("an end without a reason fails the turn, unless the server's wire tells a cut from an end", async () => {
    const fault: Reply = { text: "one two three", finishReason: null, usage: null, done: "missing" };
    const { event } = await ask([fault]);
    expect(event).toBe(provider ? "error" : "response");
  });

  it.concurrent("an event without an end fails the turn", async () => {
    const raw = `data: ${"x".repeat(40_000_000)}`;
    const { payload } = await ask([{ text: "one two three", chunkDelayMs: 60, inject: { after: 2, raw } }]);
    expect(payload.details?.code).toBe("model_unavailable");
  });

  it.concurrent("a page instead of a reply fails the turn", async () => {
    const { payload } = await ask([
      { rawBody: "<html>502 Bad Gateway</html>", headers: { "content-type": "text/html" } },
    ]);
    expect(payload.details?.code).toBe("model_unavailable");
  });
});
