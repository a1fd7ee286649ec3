import { number, promptOf } from "../cli/replay/arguments.ts";
import { isConversationType } from "../graphs/engines.ts";
import { commandLine, WrongUse } from "../src/settings/command-line.ts";

const usage = `Runs datasets and judges the answers.

  npm run eval                                all datasets of evals/datasets
  npm run eval -- simple generation           these datasets; a path to a .jsonl file works too
    --engine analysis                         only the lines for this engine
    --limit 10                                only the first 10 lines of each dataset
    --prompt simple=draft.md                  use this file for the prompt "simple" (short: --prompt simple.md)
    --model gpt-4.1                           the model that answers (default: MODEL)
    --judge gpt-4.1                           the model that judges criteria (default: MODEL; off: no judge)
    --at-once 4                               lines evaluated concurrently
    --min 0.8                                 exit with 1 if an evaluator's mean is lower
    --results evals/results/last.json         the results file: compared with, then updated
`;

export interface Arguments {
  datasets: string[];
  engine?: string;
  limit?: number;
  prompts: Record<string, string>;
  model?: string;
  judge?: string;
  atOnce: number;
  min?: number;
  results: string;
}

/** Throws WrongUse. */
export function argumentsOf(words: string[]): Arguments {
  const { values, positionals } = commandLine(usage, {
    args: words,
    allowPositionals: true,
    options: {
      engine: { type: "string" },
      limit: { type: "string" },
      prompt: { type: "string", multiple: true, default: [] },
      model: { type: "string" },
      judge: { type: "string" },
      "at-once": { type: "string" },
      min: { type: "string" },
      results: { type: "string", default: "evals/results/last.json" },
    },
  });
  const { engine, model, judge, results } = values;
  if (engine !== undefined && !isConversationType(engine))
    throw new WrongUse(`--engine: there is no engine "${engine}".`);
  const atOnce = number("--at-once", values["at-once"]) ?? 4;
  if (!Number.isInteger(atOnce) || atOnce < 1) throw new WrongUse("--at-once: expected a whole number of at least 1");
  return {
    datasets: positionals,
    engine,
    limit: number("--limit", values.limit),
    prompts: Object.fromEntries(values.prompt.map(promptOf)),
    model,
    judge,
    atOnce,
    min: number("--min", values.min),
    results,
  };
}
