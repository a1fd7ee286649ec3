import { describe, expect, it } from "vitest";

import { overflows, window } from "../support/context-overflows.ts";
import { type Conversation, simple } from "../support/conversation.ts";
import { textOf } from "../support/model-request.ts";
import type { ModelRequest, ModelServer, Reply } from "../support/model-server.ts";
import { start, unlimited } from "../support/start.ts";

/** Like a real tokenizer, it does not count as the product estimates. */
function tokensIn({ messages }: ModelRequest): number {
  return messages.reduce((sum, { content }) => sum + Math.ceil(String(content).length / 3.3) + 5, 0);
}

const isSummary = ({ system }: ModelRequest) => system.includes("memory of a conversation");

/** A model that reads so many tokens and gives long answers. */
function shortSighted(model: ModelServer, refuse = overflows[0]?.[1], limit = window) {
  const seen = { refused: 0, longest: 0 };
  model.answer((request): Reply | string | undefined => {
    const tokens = tokensIn(request);
    seen.longest = Math.max(seen.longest, tokens);
    if (tokens > limit && refuse) {
      const [status, body] = refuse(tokens);
      seen.refused += 1;
      return { status, rawBody: JSON.stringify(body) };
    }
    if (isSummary(request)) return `They have talked of ${[...subjectsIn(request)].join(", ")}.`;
    return request.structured ? undefined : `It is so: ${"word ".repeat(160)}`;
  });
  return seen;
}

function subjectsIn({ rawBody }: ModelRequest): Set<string> {
  return new Set(rawBody.match(/subject-\d+/g));
}

const sentence = expect.stringMatching(/^Older turns of the conversation were left out/);

const leftOut = /^Older turns of the conversation were left out/;

/** A question that is too long together with its context. */
const long = { ...simple, context: { notes: "note ".repeat(1_600) } };

const engines = ["simple", "multi_step", "analysis", "complex", "generation", undefined];

interface Options {
  turns: number;
  extra?: object;
}

/** Asks by all engines in turn. Each turn is answered, and either has all that was said before in its request or says that it has not. */
async function converse(model: ModelServer, conversation: Conversation, { turns, extra }: Options): Promise<string[]> {
  const warnings: string[] = [];
  for (let turn = 1; turn <= turns; turn += 1) {
    const engine = engines[turn % engines.length];
    const { terminal } = await conversation.ask(`subject-${turn} ?`, {
      ...(engine && { options: { engine } }),
      ...extra,
    });
    expect([turn, terminal.event, terminal.payload]).toMatchObject([turn, "response", {}]);
    const said = terminal.payload.metadata?.warnings ?? [];
    const request = model.requests.findLast(({ user, structured }) => user === `subject-${turn} ?` && !structured);
    const isWhole = request !== undefined && subjectsIn(request).size === turn;
    expect([turn, isWhole]).toEqual([turn, !said.some((warning) => leftOut.test(warning))]);
    warnings.push(...said);
  }
  return warnings;
}

describe("a conversation with a model of a short context", () => {
  it.concurrent.each(overflows)("never gets stuck with %s", async (_server, refuse) => {
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
});
