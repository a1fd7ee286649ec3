import { HumanMessage, SystemMessage } from "@langchain/core/messages";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

import type { ModelCallOptions } from "../../graphs/chat-model.ts";
import type { ModelRequest } from "../../graphs/host.ts";
import { config } from "../../src/config.ts";
import { Adaptations } from "../../src/models/adapting/adaptations.ts";
import { chatModels } from "../../src/models/models.ts";
import { type ModelRequest as Received, type Reply, startModelServer } from "../support/model-server.ts";

const server = await startModelServer({ checkRequests: false });
beforeEach(() => server.reset());
afterAll(() => server.close());

const messages = [new SystemMessage("Be brief."), new HumanMessage("Hi")];
const everything = { temperature: 0.3, top_p: 0.9, max_tokens: 400 };

/** A client with its own memory of what the server does not take. */
function client(model: string, now?: () => number) {
  const told: string[] = [];
  const warnings: string[] = [];
  const adaptations = new Adaptations((_model, change) => told.push(change), now);
  const settings = config({ OPENAI_API_KEY: "sk-test", OPENAI_BASE_URL: server.url, MODEL: model });
  const models = chatModels(settings, adaptations);
  return {
    told,
    warnings,
    adaptations,
    /** The text of a reply, and the requests that it took. */
    async ask(sampling: Partial<ModelRequest> = everything, options: ModelCallOptions = {}) {
      const before = server.requests.length;
      let sent = 0;
      const onRequest = () => {
        sent += 1;
      };
      const onWarning = (message: string) => void warnings.push(message);
      const [chat] = models({ prompt: "simple", retries: 0, ...sampling, onRequest, onWarning });
      const text = await chat?.chat.invoke(messages, options).then(
        (reply) => reply.text,
        (error: Error) => error,
      );
      const requests = server.requests.slice(before);
      expect(sent).toBe(requests.length);
      return { text, requests, last: requests.at(-1)?.body };
    },
  };
}

/** A server that refuses requests for which `isRefused` is true. */
function refuse(isRefused: (request: Received) => unknown, reply: Reply) {
  server.answer((request) => (isRefused(request) ? reply : { text: "Here" }));
}

const error = (message: string, rest: object = {}) => ({ status: 400, error: { message, ...rest } });
const raw = (status: number, body: unknown): Reply => ({ status, rawBody: JSON.stringify(body) });
const has = (key: string) => (request: Received) => request.body[key] !== undefined;
const hasRole = (role: string) => (request: Received) => request.messages.some((message) => message.role === role);
const extra = (...loc: string[]) =>
  raw(422, {
    detail: [{ type: "extra_forbidden", loc: ["body", ...loc], msg: "Extra inputs are not permitted", input: "x" }],
  });
const folded = [{ role: "user", content: "Be brief.\n\nHi" }];

describe("what a server refuses is left out, and the request is sent again", () => {
  it.each<[string, string, (request: Received) => unknown, Reply, object, number?]>([
    [
      "stream_options, by their place",
      "m",
      has("stream_options"),
      extra("stream_options", "include_usage"),
      { stream_options: undefined },
    ],
    [
      "stream_options, by an old name for parameters",
      "m",
      has("stream_options"),
      error("Unrecognized request argument supplied: stream_options"),
      { stream_options: undefined },
    ],
    [
      "stream_options, by what is in them",
      "m",
      has("stream_options"),
      error("include_usage: unknown field"),
      { stream_options: undefined },
    ],
    [
      "stream_options, by a status of the server",
      "m",
      has("stream_options"),
      { status: 500, error: { message: "TypeError: unexpected keyword argument 'stream_options'" } },
      { stream_options: undefined },
    ],
    [
      "stream_options, within a stream",
      "m",
      has("stream_options"),
      {
        rawBody: `data: {"error":{"message":"stream_options is not supported","code":400}}\n\n`,
        headers: { "content-type": "text/event-stream" },
      },
      { stream_options: undefined },
    ],
    [
      "temperature",
      "gpt-5-mini",
      has("temperature"),
      error("Only the default (1) value is supported.", { param: "temperature", code: "unsupported_value" }),
      { temperature: undefined, top_p: 0.9 },
    ],
    [
      "top_p",
      "m",
      has("top_p"),
      error("`top_p` is deprecated for this model."),
      { top_p: undefined, temperature: 0.3 },
    ],
    [
      "temperature beside top_p",
      "m",
      ({ body }) => body.top_p && body.temperature,
      error("`temperature` and `top_p` cannot both be specified for this model."),
      { top_p: undefined, temperature: 0.3 },
    ],
    [
      "max_tokens, where the server names the newer name",
      "prod-1",
      has("max_tokens"),
      error("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", { param: "max_tokens" }),
      { max_tokens: undefined, max_completion_tokens: 400 },
    ],
    [
      "max_completion_tokens",
      "gpt-5-local",
      has("max_completion_tokens"),
      extra("max_completion_tokens"),
      { max_tokens: 400, max_completion_tokens: undefined },
    ],
    [
      "any limit",
      "m",
      ({ body }) => body.max_tokens ?? body.max_completion_tokens,
      error("max_tokens is not supported"),
      { max_tokens: undefined },
    ],
    [
      "a limit above the server's",
      "m",
      ({ body }) => Number(body.max_tokens) > 100,
      error("max_tokens: 400 > 100, which is the maximum allowed number of output tokens"),
      { max_tokens: undefined },
    ],
    [
      "a limit that leaves no room in the context",
      "m",
      has("max_tokens"),
      error(
        "This model's maximum context length is 512 tokens. However, you requested 600 tokens (200 in the messages, 400 in the completion).",
        { code: "context_length_exceeded" },
      ),
      { max_tokens: undefined },
    ],
    [
      "the role developer",
      "gpt-5-local",
      hasRole("developer"),
      error("developer is not one of ['system', 'assistant', 'user', 'tool'] - 'messages.[0].role'"),
      {
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "Hi" },
        ],
      },
    ],
    [
      "the role system, for a newer one",
      "m",
      hasRole("system"),
      error("Unsupported value: 'messages[0].role' does not support 'system' with this model. Use 'developer'.", {
        param: "messages[0].role",
      }),
      {
        messages: [
          { role: "developer", content: "Be brief." },
          { role: "user", content: "Hi" },
        ],
      },
    ],
    [
      "the role system",
      "m",
      hasRole("system"),
      { ...error("System role not supported"), status: 400 },
      { messages: folded },
    ],
    [
      "the role system, in a chat template",
      "m",
      hasRole("system"),
      {
        status: 500,
        error: { message: "Jinja Exception: Conversation roles must alternate user/assistant/user/assistant/..." },
      },
      { messages: folded },
    ],
    [
      "all roles of instructions",
      "o3-local",
      ({ messages: sent }) => sent.length > 1,
      raw(422, { error: "messages[0].role: unknown variant, expected `user` or `assistant`" }),
      { messages: folded },
      3,
    ],
    [
      "streaming",
      "m",
      ({ stream }) => stream,
      error("Streaming is not supported for this model."),
      { stream: false, stream_options: undefined },
    ],
    [
      "streaming without a verified account",
      "m",
      ({ stream }) => stream,
      error("Your organization must be verified to stream this model.", { param: "stream", code: "unsupported_value" }),
      { stream: false },
    ],
    [
      "something that it does not name: stream_options",
      "m",
      has("stream_options"),
      error("Bad Request"),
      { stream_options: undefined, temperature: 0.3, top_p: 0.9, max_tokens: 400 },
    ],
    [
      "something that it does not name: top_p",
      "m",
      has("top_p"),
      raw(422, {}),
      { top_p: undefined, temperature: 0.3, stream_options: { include_usage: true } },
      4,
    ],
    [
      "something that it does not name, each time with another status",
      "m",
      has("temperature"),
      { status: 500, error: { message: "" } },
      { temperature: undefined, top_p: 0.9 },
      3,
    ],
    [
      "parameters, as OpenRouter does",
      "m",
      has("temperature"),
      raw(404, { error: { message: "No endpoints found that can handle the requested parameters.", code: 404 } }),
      { temperature: undefined },
      3,
    ],
    [
      "several things that it does not name",
      "m",
      ({ body }) => body.top_p ?? body.temperature,
      error(""),
      { top_p: undefined, temperature: undefined },
      8,
    ],
  ])("%s", async (_what, model, isRefused, reply, left, requests = 2) => {
    const { ask } = client(model);
    refuse(isRefused, reply);
    const first = await ask();
    expect(first.text).toBe("Here");
    expect(Object.fromEntries(Object.keys(left).map((key) => [key, first.last?.[key]]))).toEqual(left);
    expect(first.requests).toHaveLength(requests);
  });

  it("also the way in which a tool is chosen, and strictness", async () => {
    const { ask } = client("m");
    const tool = { name: "inspect", parameters: { type: "object" }, strict: true };
    const options: ModelCallOptions = {
      tools: [{ type: "function", function: tool }],
      tool_choice: { type: "function", function: { name: tool.name } },
    };
    server.answer(({ body }) => {
      if (body.tools?.[0]?.function.strict !== undefined) return extra("tools", "0", "function", "strict");
      if (typeof body.tool_choice === "object")
        return error("Invalid tool_choice type: 'object'. Supported values: none, auto, required");
      if (body.tool_choice === "required") return error("tool_choice: only 'auto' is supported");
      return { json: { points: [] } };
    });
    expect((await ask({}, options)).requests.map(({ body }) => body.tool_choice)).toEqual([
      options.tool_choice,
      options.tool_choice,
      "required",
      "auto",
    ]);
    expect((await ask({}, options)).requests).toHaveLength(1);
  });
});

describe("what is learned about a server", () => {
  const named: [RegExp | string, (request: Received) => unknown, Reply][] = [
    ["stream_options", has("stream_options"), extra("stream_options")],
    ["top_p", has("top_p"), error("top_p is not supported")],
    ["temperature", has("temperature"), error("Unsupported value", { param: "temperature" })],
    ["max_tokens", has("max_tokens"), error("Use 'max_completion_tokens' instead of max_tokens")],
    ["system", hasRole("system"), { status: 500, error: { message: "System role not supported" } }],
    ["stream", ({ stream }) => stream, error("stream must be false")],
  ];

  it("is used from the second request on: six things that are refused one after the other cost seven requests, then one", async () => {
    const { ask, adaptations, told } = client("picky");
    server.answer((request) => named.find(([, isRefused]) => isRefused(request))?.[2] ?? { text: "Here" });
    expect((await ask()).requests).toHaveLength(7);
    const second = await ask();
    expect(second.requests).toHaveLength(1);
    expect(second.last).toMatchObject({ max_completion_tokens: 400, stream: false, messages: folded });
    expect(told).toHaveLength(6);
    expect(adaptations.list()).toEqual([{ model: "picky", changes: told }]);
  });

  it("holds for one model, and until the settings change", async () => {
    refuse(has("stream_options"), extra("stream_options"));
    const { ask } = client("one");
    await ask();
    expect((await ask({ ...everything, model: "other" })).requests).toHaveLength(2);
    expect((await ask()).requests).toHaveLength(1);
    expect((await client("one").ask()).requests).toHaveLength(2);
  });

  it("is kept if the request fails in the end for another reason, but not told to the client then", async () => {
    const { ask, told, warnings } = client("m");
    server.answer(({ body }) =>
      body.top_p ? error("top_p is not supported") : error("Invalid value for 'messages'."),
    );
    expect((await ask()).text).toMatchObject({ code: "model_unavailable" });
    expect([told, warnings]).toEqual([["without top_p"], []]);
    expect((await ask()).requests).toHaveLength(1);
  });

  it("is nothing if the server says the same without what it names", async () => {
    const { ask, adaptations } = client("m");
    server.answer(() => error("top_p is not supported"));
    expect((await ask()).requests).toHaveLength(2);
    expect(adaptations.list()).toEqual([]);
  });

  it("of a range holds only for values out of it", async () => {
    const { ask } = client("m");
    refuse(({ body }) => Number(body.max_tokens) > 100, error("max_tokens must be at most 100"));
    await ask({ max_tokens: 400 });
    expect((await ask({ max_tokens: 500 })).requests).toHaveLength(1);
    expect((await ask({ max_tokens: 100 })).last).toMatchObject({ max_tokens: 100 });
  });

  it("from a server's error holds for ten minutes", async () => {
    let now = 0;
    const { ask } = client("m", () => now);
    refuse(has("temperature"), { status: 500, error: { message: "temperature is not implemented" } });
    await ask();
    expect((await ask()).requests).toHaveLength(1);
    now = Date.now() + 700_000;
    expect((await ask()).requests).toHaveLength(2);
  });

  it("is told to the client each time: what it asked for and did not get", async () => {
    const { ask, warnings } = client("m");
    refuse(has("temperature"), error("temperature is not supported"));
    await ask();
    await ask();
    expect(warnings).toEqual(Array(2).fill("The model m does not take temperature 0.3; it answered without it."));
    await ask({ top_p: 0.9 });
    expect(warnings).toHaveLength(2);
  });

  it("is not guessed once a request of the kind was answered", async () => {
    const { ask } = client("m");
    server.next("Here", { status: 400, error: { message: "Bad Request" } });
    await ask();
    expect((await ask()).requests).toHaveLength(1);
  });

  it("is not guessed for ever", async () => {
    const { ask } = client("m");
    server.answer(() => ({ status: 400, error: { message: "Bad Request" } }));
    const sent = [await ask(), await ask(), await ask()].map(({ requests }) => requests.length);
    expect(sent).toEqual([9, 9, 1]);
  });
});

describe("asked only once is a request that is refused because of", () => {
  it.each<[string, Reply, object]>([
    [
      "the key",
      error("Incorrect API key provided: sk-canary.", { code: "invalid_api_key" }),
      { help: /OPENAI_API_KEY/ },
    ],
    ["the key, with 401", { status: 401, error: { message: "temperature" } }, { help: /OPENAI_API_KEY/ }],
    ["the key's rights", { status: 403, error: { message: "Forbidden" } }, { help: /OPENAI_API_KEY/ }],
    ["the credit", { status: 402, error: { message: "Insufficient credits" } }, { help: /credit/ }],
    [
      "the quota",
      { status: 429, error: { message: "You exceeded your current quota", code: "insufficient_quota" } },
      { code: "model_rate_limited", help: /credit/ },
    ],
    [
      "the model",
      { status: 404, error: { message: "The model `m` does not exist", code: "model_not_found" } },
      { help: /model m: check MODEL/ },
    ],
    ["the model, with 400", error("m is not a valid model ID"), { help: /check MODEL/ }],
    [
      "the model, as Ollama says it",
      raw(404, { error: { message: 'model "m" not found, try pulling it first', type: "api_error" } }),
      { help: /check MODEL/ },
    ],
    [
      "its content",
      error("The prompt triggered our content policy", { code: "content_filter" }),
      { code: "model_refused" },
    ],
    ["its messages", error("Invalid value for 'messages'.", { param: "messages" }), { code: "model_unavailable" }],
  ])("%s", async (_why, reply, failure) => {
    server.answer(() => reply);
    const { text, requests } = await client("m").ask({ ...everything, retries: 2 });
    const expected = Object.fromEntries(
      Object.entries(failure).map(([key, value]) => [
        key,
        value instanceof RegExp ? expect.stringMatching(value) : value,
      ]),
    );
    expect(text).toMatchObject({ name: "ModelFailure", ...expected });
    expect(requests).toHaveLength(1);
    expect(JSON.stringify([text, (text as Error).message])).not.toContain("canary");
  });

  it.each([
    ["OpenAI", 400, "This model's maximum context length is 8192 tokens."],
    ["Anthropic", 400, "prompt is too long: 214000 tokens > 200000 maximum"],
    ["Google", 400, "The input token count (1100000) exceeds the maximum number of tokens allowed (1048576)."],
    ["Groq", 400, "Please reduce the length of the messages or completion."],
    ["xAI", 400, "This model's maximum prompt length is 131072 but the request contains 537812 tokens."],
    ["llama.cpp", 400, "the request exceeds the available context size, try increasing it"],
    ["llama.cpp, as a server's error", 500, "context size exceeded"],
    ["LM Studio", 400, "tokens to keep from the initial prompt is greater than the context length"],
    ["TGI", 422, "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4500 `inputs` tokens"],
    ["DashScope", 400, "Range of input length should be [1, 30720]"],
    ["SGLang", 400, "The input (9000 tokens) is longer than the model's context length (8192 tokens)."],
    ["Mistral", 400, "Prompt contains 40000 tokens, too large for model with 32768 maximum context length"],
    ["Kimi", 400, "Your request exceeded model token limit: 262144"],
    ["a gateway", 413, "Payload Too Large"],
  ])("its length, in the words of %s", async (_who, status, message) => {
    server.answer(() => ({ status, error: { message } }));
    const { text, requests } = await client("m").ask({ retries: 2 });
    expect(text).toMatchObject({ reason: "context_overflow", help: expect.stringContaining("MODEL_CONTEXT_TOKENS") });
    expect(requests).toHaveLength(1);
  });
});
