import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HumanMessage } from "@langchain/core/messages";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { config } from "../../src/config.ts";
import { chatModels } from "../../src/models/models.ts";
import { simple } from "../support/conversation.ts";
import { start, unlimited } from "../support/start.ts";
import { providerServers } from "./provider-servers.ts";

const providers = await providerServers();
const { anthropic, ollama } = providers;

const prompts = mkdtempSync(join(tmpdir(), "prompts-"));
cpSync("prompts", prompts, { recursive: true });
const file = join(prompts, "multi-step.md");
writeFileSync(file, readFileSync(file, "utf8").replace("---\n", "---\nmodel: ollama:from-prompt\n"));

const server = await start({
  ...unlimited,
  MODEL: "anthropic:claude-a",
  MODELS:
    "ollama:llama3.2:3b,llama3:8b,mistral:7b,openai/gpt-4o,openai:gpt-4o,openai:anthropic:small,anthropic:claude-b",
  FALLBACK_MODELS: "ollama:second,third:8b",
  PROMPTS_DIR: prompts,
});
const client = await server.connect();

beforeEach(() => {
  server.model.reset();
  providers.reset();
});
afterAll(async () => {
  await client.close();
  await Promise.all([server.close(), providers.close()]);
  rmSync(prompts, { recursive: true });
});

/** Which servers were asked, for which models. */
const asked = () => ({
  anthropic: anthropic.requests.map(({ body }) => body.model),
  ollama: ollama.requests.map(({ body }) => body.model),
  own: server.model.requests.map(({ model }) => model),
});
const nobody = { anthropic: [], ollama: [], own: [] };

const ask = async (extra: object = {}, joinParams = {}) =>
  (await client.join(crypto.randomUUID(), joinParams)).ask("Hi", { ...simple, ...extra });

describe("the name of a model", () => {
  it.each([
    ["anthropic:claude-b", { anthropic: ["claude-b"] }],
    ["ollama:llama3.2:3b", { ollama: ["llama3.2:3b"] }],
    ["llama3:8b", { own: ["llama3:8b"] }],
    ["mistral:7b", { own: ["mistral:7b"] }],
    ["openai/gpt-4o", { own: ["openai/gpt-4o"] }],
    ["openai:gpt-4o", { own: ["gpt-4o"] }],
    ["openai:anthropic:small", { own: ["anthropic:small"] }],
  ])("%s in llm_config and in the preferences decides who is asked", async (model, expected) => {
    await ask({ llm_config: { model } });
    expect(asked()).toEqual({ ...nobody, ...expected });
    const { terminal } = await ask({}, { preferences: { model } });
    expect(terminal.payload.metadata).not.toHaveProperty("warnings");
    expect(Object.values(asked()).flat()).toHaveLength(2);
  });

  it("a model that is not in MODELS is refused", async () => {
    const conversation = await client.join(crypto.randomUUID());
    const llm_config = { model: "anthropic:claude-expensive" };
    const { response } = await conversation.push("message", { content: "Hi", llm_config });
    expect(response).toMatchObject({ reason: "model_not_allowed" });
    expect(asked()).toEqual(nobody);
  });

  it("a prompt file names a model of a provider", async () => {
    const { terminal } = await ask({ options: { engine: "multi_step" } });
    expect(terminal.payload.metadata).toMatchObject({ model_used: "from-prompt" });
  });
});

describe("fallbacks between providers", () => {
  it("the next provider answers when one fails, down to the OpenAI-compatible server", async () => {
    anthropic.answer(() => ({ status: 401, error: { message: "bad key" } }));
    ollama.answer(() => ({ status: 404, error: { message: "model not found" } }));
    const { terminal } = await ask();
    expect(terminal.payload).toMatchObject({
      response: "Answer to: Hi",
      metadata: { model_used: "third:8b", fallback_model: "third:8b", usage: { llm_calls: 3 } },
    });
    expect(asked()).toEqual({ anthropic: ["claude-a"], ollama: ["second"], own: ["third:8b"] });
  });

  it("the next provider takes over an answer that broke off", async () => {
    anthropic.answer(() => ({ text: "one two three", cutAfter: 2 }));
    const { terminal, text } = await ask();
    expect(terminal.payload).toMatchObject({
      response: "Answer to: Hi",
      metadata: { fallback_model: "ollama:second" },
    });
    expect(text).toBe("Answer to: Hi");
  });
});

describe("what a model does not take", () => {
  it("is left out after one refusal, with a warning", async () => {
    anthropic.answer(({ body }) =>
      body.temperature !== undefined && body.top_p !== undefined
        ? { status: 400, error: { message: "`temperature` and `top_p` cannot both be specified for this model." } }
        : undefined,
    );
    const extra = { llm_config: { temperature: 0.3, top_p: 0.9 } };
    const first = await ask(extra);
    expect(first.terminal.payload).toMatchObject({
      response: "Answer to: Hi",
      metadata: { model_used: "claude-a", warnings: [expect.stringContaining("top_p")] },
    });
    await ask(extra);
    expect(anthropic.requests.map(({ body }) => [body.temperature, body.top_p])).toEqual([
      [0.3, 0.9],
      [0.3, undefined],
      [0.3, undefined],
    ]);
  });

  it("is left out without a request if the package knows it", async () => {
    const models = chatModels(config({ MODEL: "anthropic:claude-sonnet-5" }));
    const warnings: string[] = [];
    const [model] = models({
      prompt: "simple",
      temperature: 0.3,
      onRequest: () => {},
      onWarning: (warning) => warnings.push(warning),
    });
    expect((await model?.chat.invoke([new HumanMessage("Hi")]))?.text).toBe("Answer to: Hi");
    expect(anthropic.requests).toHaveLength(1);
    expect(warnings).toEqual([expect.stringContaining("temperature")]);
  });
});
