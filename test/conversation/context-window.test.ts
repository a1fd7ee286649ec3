import { describe, expect, it, vi } from "vitest";

import { anthropicWire } from "../support/anthropic-wire.ts";
import { overflows, window } from "../support/context-overflows.ts";
import { simple } from "../support/conversation.ts";
import { textOf } from "../support/model-request.ts";
import { startProviderServer } from "../support/provider-server.ts";
import {
  answer,
  converse,
  isSummary,
  leftOut,
  long,
  sentence,
  shortSighted,
  subjectsIn,
  tokensIn,
} from "../support/short-sighted.ts";
import { some } from "../support/size.ts";
import { start, unlimited } from "../support/start.ts";

describe("a conversation with a model of a short context", () => {
  it.concurrent.each(some(overflows))("never gets stuck with %s", async (_server, refuse) => {
    await using started = await start(unlimited);
    await using client = await started.connect();
    const seen = shortSighted(started.model, refuse);
    const warnings = await converse(started.model, await client.join("long"), { turns: 12 });
    expect(warnings.filter((warning) => !leftOut.test(warning))).toEqual([]);
    expect(warnings).not.toEqual([]);
    expect(seen.refused).toBeLessThan(4);
  });

  it("fits from the start if its context is set", async () => {
    await using started = await start({ ...unlimited, MODEL_CONTEXT_TOKENS: String(window) });
    await using client = await started.connect();
    const seen = shortSighted(started.model);
    await converse(started.model, await client.join("set"), { turns: 8 });
    expect(seen.refused).toBe(0);
  });

  it("fits from the start if its context is published", async () => {
    await using started = await start({ ...unlimited, MODEL: "gpt-4" });
    await using client = await started.connect();
    const seen = shortSighted(started.model, undefined, 8_192);
    const conversation = await client.join("published");
    const extra = { context: { notes: "note ".repeat(3_000) } };
    await converse(started.model, conversation, { turns: 12, extra });
    expect(seen.longest).toBeGreaterThan(5_000);
    expect(seen.longest).toBeLessThan(8_192);
  });

  it("is answered when the context shrinks in its middle, and nothing of it is lost", async () => {
    await using started = await start(unlimited);
    await using client = await started.connect();
    const conversation = await client.join("shrinks");
    shortSighted(started.model, undefined, Number.POSITIVE_INFINITY);
    await converse(started.model, conversation, { turns: 18 });
    const seen = shortSighted(started.model);
    const { terminal } = await conversation.ask("What did I ask first?", simple);
    expect(terminal).toMatchObject({ event: "response", payload: { metadata: { warnings: [sentence] } } });
    expect(seen.refused).toBeLessThanOrEqual(3);
    await started.model.waitForRequest((request) => isSummary(request) && request.rawBody.includes("subject-17"));
    const { text } = await conversation.ask("And now?", simple);
    expect(text).toContain("It is so");
    const summaries = started.model.requests.filter((request) => isSummary(request) && tokensIn(request) <= window);
    const told = new Set(summaries.flatMap((request) => [...subjectsIn(request)]));
    expect(told.size).toBeGreaterThanOrEqual(17);
  });

  it("refuses a question that is too long by itself, and answers the next one", async () => {
    await using started = await start(unlimited);
    await using client = await started.connect();
    const conversation = await client.join("question");
    const seen = shortSighted(started.model);
    await conversation.ask("subject-1 ?", simple);
    const { terminal } = await conversation.ask("subject-2 ?", long);
    expect(terminal).toMatchObject({ event: "error", payload: { details: { code: "model_unavailable" } } });
    expect(seen.refused).toBeLessThanOrEqual(4);
    expect((await conversation.ask("short", simple)).terminal.event).toBe("response");
  });

  it("falls back to a model with a longer context for a question that is too long", async () => {
    await using started = await start({ ...unlimited, FALLBACK_MODELS: "farsighted" });
    await using client = await started.connect();
    const [, refuse] = overflows[0] ?? [];
    started.model.answer((request) => {
      const [status, body] = refuse?.(tokensIn(request)) ?? [400, {}];
      return request.model === "farsighted" ? "It is so." : { status, rawBody: JSON.stringify(body) };
    });
    const { terminal } = await (await client.join("fallback")).ask("subject-1 ?", long);
    expect(terminal.payload).toMatchObject({ response: "It is so.", metadata: { fallback_model: "farsighted" } });
    expect(terminal.payload.metadata).not.toHaveProperty("warnings");
  });

  it("starts its answer again if the context is full in the middle of it", async () => {
    await using started = await start(unlimited);
    await using client = await started.connect();
    const conversation = await client.join("middle");
    await conversation.ask("subject-1 ?", simple);
    const error = { error: { message: "the context size has been exceeded", type: "exceed_context_size_error" } };
    started.model.next({ text: "Half an answer", inject: { after: 2, raw: `data: ${JSON.stringify(error)}\n\n` } });
    const { text, deltas, terminal } = await conversation.ask("subject-2 ?", simple);
    expect(deltas[0]?.text).toBe("Half an");
    expect(text).toBe("Answer to: subject-2 ?");
    expect(terminal).toMatchObject({
      event: "response",
      payload: { response: text, metadata: { warnings: [sentence] } },
    });
  });

  it("is answered without a length limit that no request has room for", async () => {
    await using started = await start({ ...unlimited, MODEL_CONTEXT_TOKENS: String(window) });
    await using client = await started.connect();
    const seen = shortSighted(started.model);
    const { terminal } = await (await client.join("limit")).ask("Hi", { ...simple, llm_config: { max_tokens: 4_000 } });
    expect(terminal.payload.metadata?.warnings).toEqual([
      "The context of the model test-model is too short for max_tokens 4000; it answered without it.",
    ]);
    expect(started.model.requests.map(({ body }) => body.max_tokens ?? body.max_completion_tokens)).toEqual([
      undefined,
    ]);
    expect(seen.refused).toBe(0);
  });

  it("counts the tokens of other scripts", async () => {
    await using started = await start({ ...unlimited, MODEL_CONTEXT_TOKENS: "4000" });
    await using client = await started.connect();
    const conversation = await client.join("chinese");
    started.model.answer((request) => (isSummary(request) ? "他们在谈服务器。" : "服务器".repeat(200)));
    for (let turn = 1; turn <= 8; turn += 1) await conversation.ask("服务器是什么？", simple);
    const characters = started.model.requests.map(({ messages }) =>
      messages
        .map(textOf)
        .join("")
        .replaceAll(/[ -~\s]/g, ""),
    );
    expect(Math.max(...characters.map(({ length }) => length))).toBeLessThan(3_000);
  });

  it("never gets stuck with a provider's package either", async () => {
    const provider = await startProviderServer(anthropicWire);
    vi.stubEnv("ANTHROPIC_API_KEY", "sk-ant-canary");
    vi.stubEnv("ANTHROPIC_BASE_URL", provider.url);
    let refused = 0;
    provider.answer(({ body, system }) => {
      const tokens = Math.ceil(JSON.stringify(body.messages).length / 3.3);
      if (tokens <= window)
        return system.includes("memory of a conversation") ? { text: "They talk." } : { text: answer };
      refused += 1;
      return { status: 400, error: { message: `prompt is too long: ${tokens} tokens > ${window} maximum` } };
    });
    const env = { OPENAI_API_KEY: "", OPENAI_BASE_URL: "", MODEL: "anthropic:claude-sonnet-4-5" };
    await using started = await start({ ...unlimited, ...env });
    await using client = await started.connect();
    const conversation = await client.join("provider");
    for (let turn = 1; turn <= 12; turn += 1) {
      const { terminal } = await conversation.ask(`subject-${turn} ?`, simple);
      expect([turn, terminal.event]).toEqual([turn, "response"]);
    }
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(4);
    await provider.close();
    vi.unstubAllEnvs();
  });
});
