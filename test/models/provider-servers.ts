import { vi } from "vitest";

import { anthropicWire } from "../support/anthropic-wire.ts";
import { ollamaWire } from "../support/ollama-wire.ts";
import { startProviderServer } from "../support/provider-server.ts";

/** Servers that speak Anthropic's and Ollama's APIs, and the environment in which the packages find them. */
export async function providerServers() {
  const anthropic = await startProviderServer(anthropicWire);
  const ollama = await startProviderServer(ollamaWire);

  function setEnvironment(): void {
    vi.stubEnv("ANTHROPIC_API_KEY", "sk-ant-canary");
    vi.stubEnv("ANTHROPIC_BASE_URL", anthropic.url);
    vi.stubEnv("OLLAMA_BASE_URL", ollama.url);
  }
  setEnvironment();

  return {
    anthropic,
    ollama,
    /** Forgets requests, scripts and other values of the environment. */
    reset(): void {
      setEnvironment();
      for (const one of [anthropic, ollama]) {
        one.requests.length = 0;
        one.answer(() => undefined);
      }
    },
    async close(): Promise<void> {
      vi.unstubAllEnvs();
      await Promise.all([anthropic.close(), ollama.close()]);
    },
  };
}

const noServer = { OPENAI_API_KEY: "", OPENAI_BASE_URL: "" };

/** The kinds of model servers that the contract test runs over. */
export function kinds({
  anthropic,
  ollama,
}: Pick<Awaited<ReturnType<typeof providerServers>>, "anthropic" | "ollama">) {
  return [
    {
      name: "the OpenAI-compatible client",
      env: { MODEL: "openai:test-model" },
      told: "test-model",
      limit: "max_tokens",
      error: (message: string) => `data: ${JSON.stringify({ error: { message } })}\n\n`,
      server: undefined,
    },
    {
      name: "@langchain/anthropic",
      env: { ...noServer, MODEL: "anthropic:claude-sonnet-4-5" },
      told: "claude-sonnet-4-5",
      limit: "max_tokens",
      error: anthropicWire.errorInStream,
      server: anthropic,
    },
    {
      name: "@langchain/ollama",
      env: { ...noServer, MODEL: "ollama:llama3.2" },
      told: "llama3.2",
      limit: "num_predict",
      error: ollamaWire.errorInStream,
      server: ollama,
    },
  ];
}
