import { describe, expect, it } from "vitest";

import { prices } from "../../src/models/prices.ts";

/** Of a million tokens each way, in US dollars. */
function cost(model: { asked: string; reported?: string }, own: string[] = [], server?: string): number | null {
  return prices({ MODEL_PRICES: own, OPENAI_BASE_URL: server })(model, 1_000_000, 1_000_000);
}

const server = "http://127.0.0.1:8000/v1";
const published = cost({ asked: "gpt-4o" });
const claude = cost({ asked: "claude-sonnet-4-5" }, [], server);

describe("the price of a call", () => {
  it("is known for published models", () => {
    expect(published).toBeGreaterThan(1);
    expect(claude).toBeGreaterThan(1);
    expect(cost({ asked: "house-model" })).toBeNull();
    expect(cost({ asked: "claude-sonnet-4-5" })).toBeNull(); // OpenAI has none of that name
  });

  it.each([
    ["the reported name's price", { asked: "house-model", reported: "house-1" }, ["house-1=1/2"], 3],
    [
      "the asked name's, where the reported one has none",
      { asked: "house-model", reported: "house-1" },
      ["house-model=1/2"],
      3,
    ],
    ["the reported name's before the asked one's", { asked: "a", reported: "b" }, ["a=1/1", "b=2/2"], 4],
    ["an own price before a published one", { asked: "gpt-4o", reported: "gpt-4o-2024-08-06" }, ["gpt-4o=1/2"], 3],
    ["a published price of the asked name", { asked: "gpt-4o", reported: "/models/weights.gguf" }, [], published],
  ])("is %s", (_which, model, own, expected) => expect(cost(model, own)).toBe(expected));

  it.each([
    ["published", { asked: "anthropic:claude-sonnet-4-5", reported: "claude-sonnet-4-5" }, [], claude],
    [
      "published, for a reported name without one",
      { asked: "anthropic:claude-sonnet-4-5", reported: "unknown" },
      [],
      claude,
    ],
    ["set for the whole name", { asked: "anthropic:claude-sonnet-4-5" }, ["anthropic:claude-sonnet-4-5=1/2"], 3],
    ["set for the name at the provider", { asked: "anthropic:claude-sonnet-4-5" }, ["claude-sonnet-4-5=1/2"], 3],
    ["unknown for a model on the own machine", { asked: "ollama:gpt-4o" }, [], null],
    ["that of OpenAI's models", { asked: "openai:gpt-4o" }, [], published],
    ["set for a name with a colon", { asked: "llama3.2:3b" }, ["llama3.2:3b=1/2"], 3],
  ])("behind a provider's prefix is %s", (_which, model, own, expected) => expect(cost(model, own)).toBe(expected));
});
