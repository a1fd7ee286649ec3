import { readFileSync } from "node:fs";

import { z } from "zod";

import { prepare } from "../../graphs/call.ts";
import { parsePrompt } from "../../graphs/prompt.ts";
import { shape, structured } from "../../graphs/structured.ts";
import { ledger } from "../../src/turns/ledger.ts";
import { contextOf, silentHost } from "../../src/turns/silent-host.ts";
import { costOf } from "../../src/workbench/record.ts";
import type { Bench } from "../ask.ts";
import type { DatasetLine } from "../dataset.ts";
import type { Evaluator, Judged } from "./evaluator.ts";

/** Only evals use this prompt, so it is not among the server's prompts. */
const judging = { name: "judge", variables: ["criteria"] };

const file = new URL("../prompts/judge.md", import.meta.url);

const Verdict = shape(
  "verdict",
  z.object({
    requirements: z.array(
      z.object({
        requirement: z.string().describe("One requirement of the criteria."),
        reason: z.string().describe("What in the answer shows that it is met, or what is missing."),
        is_met: z.boolean(),
      }),
    ),
  }),
);

/** A judge model. `cost` is what it has cost so far in US dollars; null if its price is unknown. */
export interface Judge {
  evaluate: Evaluator;
  cost(): number | null;
}

/** Judges a line's criteria with a model. The score is the share of criteria that are met. */
export function judge({ tools, prompts, timeoutMs }: Bench, model: string): Judge {
  const account = ledger();
  const prompt = parsePrompt(judging.name, readFileSync(file, "utf8"), judging.variables);
  const host = silentHost(tools, new Map([...prompts, [prompt.name, prompt]]), account);

  async function evaluate(line: DatasetLine, answered: Judged) {
    const { criteria } = line.expect;
    if (!criteria) return undefined;
    const request = { context: {}, options: {}, preferences: {}, sampling: [{ model }] };
    const runtime = {
      context: contextOf(request, host, { messages: [], summary: "" }),
      signal: AbortSignal.timeout(timeoutMs),
    };
    const question = materialOf(line, answered);
    const call = await prepare(runtime, { prompt: judging, question, values: { criteria } });
    const verdict = await structured(call, Verdict);
    const requirements = verdict?.requirements ?? [];
    if (requirements.length === 0) throw new Error("The judge returned no verdict.");
    const unmet = requirements.filter(({ is_met }) => !is_met);
    return {
      name: "judge",
      score: 1 - unmet.length / requirements.length,
      comment: unmet.map(({ requirement, reason }) => `${requirement}: ${reason}`).join("; "),
    };
  }

  return { evaluate, cost: () => costOf(account.metadata()) };
}

function materialOf({ history, summary, context, content, reference }: DatasetLine, { response }: Judged): string {
  return JSON.stringify({ summary, earlier: history, context, message: content, reference, answer: response }, null, 2);
}
