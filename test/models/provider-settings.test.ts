import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { HumanMessage } from "@langchain/core/messages";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";

import { config } from "../../src/config.ts";
import { chatModels, isDemo } from "../../src/models/models.ts";
import { checkProviders } from "../../src/models/providers/check.ts";
import { anthropicWire } from "../support/anthropic-wire.ts";
import { simple } from "../support/conversation.ts";
import { refusingUrl } from "../support/model-server.ts";
import { ollamaWire } from "../support/ollama-wire.ts";
import { startProviderServer } from "../support/provider-server.ts";
import { start, unlimited } from "../support/start.ts";

const anthropic = await startProviderServer(anthropicWire);
const ollama = await startProviderServer(ollamaWire);
vi.stubEnv("ANTHROPIC_API_KEY", "sk-ant-canary");
vi.stubEnv("ANTHROPIC_BASE_URL", anthropic.url);
vi.stubEnv("OLLAMA_BASE_URL", ollama.url);

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
  for (const one of [anthropic, ollama]) {
    one.requests.length = 0;
    one.answer(() => undefined);
  }
});
afterAll(async () => {
  await client.close();
  await Promise.all([server.close(), anthropic.close(), ollama.close()]);
  rmSync(prompts, { recursive: true });
  vi.unstubAllEnvs();
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

describe("a failure", () => {
  it.each([
    ["anthropic:claude-a", 401, "invalid x-api-key", { help: expect.stringContaining("check ANTHROPIC_API_KEY") }],
    ["anthropic:claude-a", 404, "model: claude-a", { help: expect.stringContaining("ANTHROPIC_BASE_URL") }],
    ["anthropic:claude-a", 400, "prompt is too long: 210000 tokens > 200000 maximum", { reason: "context_overflow" }],
    [
      "ollama:llama3.2",
      404,
      'model "llama3.2" not found, try pulling it first',
      { help: expect.stringMatching(/MODEL/) },
    ],
    ["ollama:llama3.2", 400, "input length exceeds maximum context length", { reason: "context_overflow" }],
  ])("of %s with status %i and “%s” says what to change, without the key", async (MODEL, status, message, expected) => {
    for (const one of [anthropic, ollama]) {
      one.answer(() => ({ status, error: { message: `${message} (sk-ant-canary)` } }));
    }
    const [model] = chatModels(config({ MODEL }))({ prompt: "simple", onRequest: () => {} });
    const failure = await model?.chat.invoke([new HumanMessage("Hi")]).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "model_unavailable", ...expected });
    expect(String(failure)).not.toContain("canary");
  });

  it("of a provider that is not there says where it was looked for", async () => {
    const { origin, host } = new URL(await refusingUrl());
    vi.stubEnv("OLLAMA_BASE_URL", origin);
    const models = chatModels(config({ MODEL: "ollama:llama3.2" }));
    const [model] = models({ prompt: "simple", onRequest: () => {}, retries: 0 });
    await expect(model?.chat.invoke([new HumanMessage("Hi")])).rejects.toMatchObject({
      code: "model_unavailable",
      message: `The model server at ${origin}/api/chat cannot be reached.`,
      help: `Nothing listens at ${host}: start the model server, or check OLLAMA_BASE_URL.`,
    });
    vi.stubEnv("OLLAMA_BASE_URL", ollama.url);
  });
});

describe("the start", () => {
  const sentence = "needs a package: npm install @langchain/groq";

  it.each([
    [{ MODEL: "groq:llama" }, `MODEL: groq:llama ${sentence}`],
    [{ MODELS: "small,groq:llama" }, `MODELS: groq:llama ${sentence}`],
    [{ FALLBACK_MODELS: "groq:llama" }, `FALLBACK_MODELS: groq:llama ${sentence}`],
    [
      { MODEL: "google-genai:gemini" },
      "MODEL: google-genai:gemini needs a package: npm install @langchain/google-genai",
    ],
  ])("with %j stops, and names the setting and the command", async (env, message) => {
    await expect(start({ ...unlimited, ...env })).rejects.toThrow(message);
  });

  it("stops if a prompt file names a provider that is not installed", async () => {
    const source = readFileSync(join(prompts, "simple.md"), "utf8");
    const folder = mkdtempSync(join(tmpdir(), "prompts-"));
    cpSync("prompts", folder, { recursive: true });
    writeFileSync(join(folder, "simple.md"), source.replace("---\n", "---\nmodel: groq:llama\n"));
    await expect(start({ PROMPTS_DIR: folder })).rejects.toThrow(`prompt simple: groq:llama ${sentence}`);
    rmSync(folder, { recursive: true });
  });

  it("stops without a key, and names its variable", async () => {
    vi.stubEnv("ANTHROPIC_API_KEY", "");
    await expect(checkProviders(config({ MODEL: "anthropic:claude-a" }))).rejects.toThrow(
      /^MODEL: anthropic:claude-a cannot be used: .*key.* \(set ANTHROPIC_API_KEY\)$/,
    );
    vi.stubEnv("ANTHROPIC_API_KEY", "sk-ant-canary");
  });

  it("needs no OpenAI-compatible server if MODEL names a provider", async () => {
    const settings = config({ MODEL: "ollama:llama3.2" });
    expect([isDemo(settings), isDemo(config({ MODEL: "llama3:8b" }))]).toEqual([false, true]);
    const [, other] = chatModels({ ...settings, FALLBACK_MODELS: ["gpt-4"] })({
      prompt: "simple",
      onRequest: () => {},
    });
    await expect(other?.chat.invoke([])).rejects.toMatchObject({
      code: "model_unavailable",
      help: "gpt-4 needs OPENAI_API_KEY or OPENAI_BASE_URL",
    });
  });
});

describe("LangChain's callbacks", () => {
  class Listener extends BaseCallbackHandler {
    readonly name = "listener";
    readonly heard: string[] = [];
    override handleChatModelStart() {
      this.heard.push("start");
    }
    override handleLLMEnd() {
      this.heard.push("end");
    }
  }

  class TokenListener extends Listener {
    readonly lc_prefer_streaming = true;
    override handleLLMNewToken(token: string) {
      this.heard.push(token);
    }
  }

  it.each(["anthropic:claude-a", "ollama:llama3.2"])(
    "are called once for a request to %s, or for each piece",
    async (MODEL) => {
      const [model] = chatModels(config({ MODEL }))({ prompt: "simple", onRequest: () => {} });
      const [plain, tokens] = [new Listener(), new TokenListener()];
      for (const callbacks of [[plain], [tokens]]) {
        expect((await model?.chat.invoke([new HumanMessage("Hi")], { callbacks }))?.text).toBe("Answer to: Hi");
      }
      expect(plain.heard).toEqual(["start", "end"]);
      expect(tokens.heard.filter(Boolean)).toEqual(["start", "Answer", " to:", " Hi", "end"]);
    },
  );
});
