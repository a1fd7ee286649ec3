import { expect } from "vitest";

import { overflows, window } from "./context-overflows.ts";
import { type Conversation, simple } from "./conversation.ts";
import type { ModelRequest, ModelServer, Reply } from "./model-server.ts";

/** Like a real tokenizer, it does not count as the product estimates. */
export function tokensIn({ messages }: ModelRequest): number {
  return messages.reduce((sum, { content }) => sum + Math.ceil(String(content).length / 3.3) + 5, 0);
}

export const isSummary = ({ system }: ModelRequest) => system.includes("memory of a conversation");

/** A model that reads so many tokens and gives long answers. */
export function shortSighted(model: ModelServer, refuse = overflows[0]?.[1], limit = window) {
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
    return request.structured ? undefined : answer;
  });
  return seen;
}

export function subjectsIn({ rawBody }: ModelRequest): Set<string> {
  return new Set(rawBody.match(/subject-\d+/g));
}

export const sentence = expect.stringMatching(/^Older turns of the conversation were left out/);

export const answer = `It is so: ${"word ".repeat(160)}`;

export const leftOut = /^Older turns of the conversation were left out/;

/** A question that is too long together with its context. */
export const long = { ...simple, context: { notes: "note ".repeat(1_600) } };

const engines = ["simple", "multi_step", "analysis", "complex", "generation", undefined];

interface Options {
  turns: number;
  extra?: object;
}

/** Asks by all engines in turn. Each turn is answered, and either has all that was said before in its request or says that it has not. */
export async function converse(
  model: ModelServer,
  conversation: Conversation,
  { turns, extra }: Options,
): Promise<string[]> {
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
