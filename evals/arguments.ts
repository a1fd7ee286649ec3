import { parseArgs } from "node:util";
import { number, promptOf } from "../cli/replay/arguments.ts";
import { isConversationType } from "../graphs/engines.ts";

export const usage = `Asks the lines of datasets and judges the answers.

  npm run eval                                all datasets of evals/datasets
  npm run eval -- simple generation           some of them; path/to/mine.jsonl: a file
    --engine analysis                         only the lines for this engine
    --limit 10                                only the first so many
    --prompt simple=draft.md                  another text for a prompt (--prompt simple.md: its name is the file's)
    --model gpt-4.1                           another model than that of the settings
    --judge gpt-4.1                           the model that judges what no rule can, which else is MODEL; off: none
    --at-once 4                               so many lines at a time
    --min 0.8                                 fails when the mean of an evaluator is lower
    --results evals/results/last.json         what to compare with, and where to keep the results
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
  help: boolean;
}

/** Throws an error that says what is wrong. */
export function argumentsOf(words: string[]): Arguments {
  const { values, positionals } = parseArgs({
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
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const { engine, model, judge, results, help } = values;
  if (engine !== undefined && !isConversationType(engine)) throw new Error(`There is no engine "${engine}".`);
  const atOnce = number("--at-once", values["at-once"]) ?? 4;
  if (!Number.isInteger(atOnce) || atOnce < 1) throw new Error("--at-once: expected 1 or more");
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
    help,
  };
}
