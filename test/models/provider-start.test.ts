import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { HumanMessage } from "@langchain/core/messages";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";

import { config } from "../../src/config.ts";
import { chatModels, isDemo } from "../../src/models/models.ts";
import { checkProviders } from "../../src/models/providers/check.ts";
import { refusingUrl } from "../support/model-server.ts";
import { start, unlimited } from "../support/start.ts";
import { providerServers } from "./provider-servers.ts";

const providers = await providerServers();
const { anthropic, ollama } = providers;

beforeEach(providers.reset);
afterAll(providers.close);

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
      message: "The model server cannot be reached.",
      diagnosis: { address: `${origin}/api/chat` },
      help: `Nothing listens at ${host}: start the model server, or check OLLAMA_BASE_URL.`,
    });
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
    const source = readFileSync("prompts/simple.md", "utf8");
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
