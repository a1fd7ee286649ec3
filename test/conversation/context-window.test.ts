import { describe, expect, it } from "vitest";

import { overflows, window } from "../support/context-overflows.ts";
import type { Conversation } from "../support/conversation.ts";
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

const leftOut = /^Older turns of the conversation were left out/;

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
    const long = { context: { notes: "note ".repeat(3_000) } };
    await converse(started.model, conversation, { turns: 12, extra: long });
    expect(seen.longest).toBeGreaterThan(5_000);
    expect(seen.longest).toBeLessThan(8_192);
  });
});
