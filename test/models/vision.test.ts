import { describe, expect, it } from "vitest";

import { Vision } from "../../src/models/vision.ts";

const vision = new Vision({ MODEL_VISION: ["gpt-4=yes", "gpt-4o=no", "ollama:a=b=no"] });

describe("whether a model sees images", () => {
  it.each([
    ["gpt-4.1-mini", true],
    ["openai/gpt-4o-mini", true],
    ["gpt-3.5-turbo-0125", false],
    ["o3-mini", false],
    ["llama3.2:3b", false],
    ["llama3.2-vision:11b", true],
    ["meta-llama/llama-3.3-70b-instruct", false],
    ["llama-4-scout", true],
    ["deepseek/deepseek-r1:free", false],
    ["qwen2.5-coder:7b", false],
    ["qwen2.5vl:7b", true],
    ["gemma3:1b", false],
    ["gemma3:4b", true],
    ["mistral-large-latest", true],
    ["anthropic:claude-sonnet-4-5", true],
    ["ollama:llama3.2", false],
    ["somebody/model", true],
  ])("of %s it is known, or assumed: %s", async (name, sees) => {
    expect(await vision.sees(name)).toBe(sees);
  });

  it("MODEL_VISION has the last word, by the whole name or the provider's own", async () => {
    expect(await Promise.all(["gpt-4", "gpt-4o", "ollama:a=b"].map((name) => vision.sees(name)))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("a refusal of its server counts for an hour", () => {
    let now = 0;
    const learning = new Vision({ MODEL_VISION: ["set=yes"] }, () => now);
    for (const name of ["somebody/model", "set"]) learning.refused(name);
    expect(learning.known("somebody/model")).toBe(false);
    expect(learning.known("set")).toBe(true);
    now = 3_600_001;
    expect(learning.known("somebody/model")).toBe(true);
  });
});
