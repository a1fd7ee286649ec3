import { describe, expect, it } from "vitest";

import { cutToTokens, mostTokensOf, tokensOf } from "../../graphs/tokens.ts";
import { config } from "../../src/config.ts";
import { contextLimitIn } from "../../src/models/context-limit.ts";
import { ContextWindows } from "../../src/models/context-windows.ts";
import { overflows, window } from "../support/context-overflows.ts";

const silent = ["llama.cpp", "Ollama"];

describe("the context of a model", () => {
  const windows = (env: Record<string, string> = {}, now?: () => number) =>
    new ContextWindows(config({ OPENAI_BASE_URL: "http://localhost:1/v1", MODEL: "mine", ...env }), now);

  it.each([
    ["what is set, for MODEL", { MODEL: "gpt-4", MODEL_CONTEXT_TOKENS: "4000" }, "gpt-4", 4_000],
    ["what is set, for models of which nothing is known", { MODEL_CONTEXT_TOKENS: "4000" }, "other", 4_000],
    ["no more than what is set, for other models", { MODEL_CONTEXT_TOKENS: "4000" }, "gpt-4", 4_000],
    ["what is published, if that is less", { MODEL_CONTEXT_TOKENS: "100000" }, "gpt-4", 8_192],
    ["what is published, for MODEL", { MODEL: "gpt-4" }, "gpt-4", 8_192],
    ["what its provider publishes", {}, "anthropic:claude-3-haiku", 200_000],
  ])("is %s", (_what, env, model, tokens) => {
    const answer = Math.min(4_096, 0.95 * tokens * 0.25);
    expect(windows(env).room(model, undefined).tokens).toBe(Math.floor(0.95 * tokens - answer));
  });

  it.each(["mine", "llama3.2:3b", "ollama:llama3.2"])("is not limited if nothing is known: %s", (model) => {
    expect(windows().room(model, 1_000).tokens).toBe(Number.POSITIVE_INFINITY);
  });

  it("leaves room for the longest answer, but never too little for the question", () => {
    const of = (maxTokens: number) => windows({ MODEL_CONTEXT_TOKENS: "10000" }).room("mine", maxTokens).tokens;
    expect(of(500)).toBe(9_000);
    expect(of(5_000)).toBe(4_500);
    expect(of(32_000)).toBe(2_375);
  });

  it("is told by most servers", () => {
    for (const [server, refuse] of overflows) {
      const expected = silent.includes(server) ? undefined : window;
      expect([server, contextLimitIn(JSON.stringify(refuse(2_345)[1]).replace(/"n_ctx.*/, ""))]).toEqual([
        server,
        expected,
      ]);
    }
    expect(contextLimitIn("Requested 9,000 tokens, context window of 8,192 tokens.")).toBe(8_192);
    expect(contextLimitIn("HTTP status 400: too long, max 3 images")).toBeUndefined();
  });

  it("is found between what was refused and what was answered, in a few steps", () => {
    for (const real of [700, 1_000, 4_000, 20_000]) {
      const room = windows().room("mine", undefined);
      let refusals = 0;
      for (let turn = 0; turn < 40; turn += 1) {
        const tokens = Math.min(24_000, room.tokens);
        if (tokens <= real) room.answered(tokens);
        else {
          room.refused(tokens);
          refusals += 1;
        }
      }
      expect([real, refusals]).toSatisfy(([, count]) => count <= 8);
      expect(room.tokens).toBeLessThanOrEqual(real);
      expect(room.tokens).toBeGreaterThan(0.4 * real);
    }
  });

  it("is what the server told, unless that contradicts what it does", () => {
    const room = windows().room("mine", undefined);
    room.refused(9_000, 8_000);
    expect(room.tokens).toBe(5_700);
    room.refused(5_700, 8_000);
    expect(room.tokens).toBeLessThan(5_700);
    room.answered(2_000);
    room.refused(2_400, 100);
    expect(room.tokens).toBe(1_500);
  });

  it("is learned for each model by itself, and again after an hour", () => {
    let now = 0;
    const all = windows({}, () => now);
    all.room("one", undefined).refused(4_000);
    expect(all.room("other", undefined).tokens).toBe(Number.POSITIVE_INFINITY);
    expect(all.room("one", undefined).tokens).toBeLessThan(4_000);
    now = 3_600_000;
    expect(all.room("one", undefined).tokens).toBe(Number.POSITIVE_INFINITY);
  });

  it("is remembered of the models asked last", () => {
    const all = windows();
    for (let index = 0; index <= 200; index += 1) all.room(`model-${index}`, undefined).refused(1_000);
    expect(all.room("model-0", undefined).tokens).toBe(Number.POSITIVE_INFINITY);
    expect(all.room("model-1", undefined).tokens).toBeLessThan(1_000);
  });
});

describe("tokens", () => {
  it.each([
    ["Latin", "How do I use a GenServer? ".repeat(40), 4],
    ["Cyrillic", "Какпользоватьсясервером".repeat(40), 1.6],
    ["Chinese", "如何使用服务器进程".repeat(40), 1],
    ["Devanagari", "सर्वरकाउपयोग".repeat(40), 1],
    ["emoji", "😀🎉".repeat(40), 1.6],
  ])("are estimated by script: %s", (_script, text, charactersPerToken) => {
    expect(text.length / tokensOf(text)).toBeCloseTo(charactersPerToken, 1);
    expect(mostTokensOf(text)).toBeGreaterThanOrEqual(tokensOf(text));
  });

  it.each([0, 1, 7, 50])("a text is cut to %d of them, without splitting a character", (limit) => {
    for (const text of [
      "word ".repeat(100),
      `word ${"语".repeat(100)}`,
      `${"语".repeat(100)} word`,
      "😀".repeat(100),
    ]) {
      const short = cutToTokens(text, limit);
      expect(tokensOf(short)).toBeLessThanOrEqual(limit);
      expect(short.isWellFormed()).toBe(true);
      expect(text.startsWith(short)).toBe(true);
    }
  });
});
