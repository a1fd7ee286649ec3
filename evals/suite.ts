import type { Config } from "../src/config.ts";
import { isDemo } from "../src/models/models.ts";
import { ask, bench } from "./ask.ts";
import { type DatasetLine, datasetNames, readDataset } from "./dataset.ts";
import { rules } from "./evaluators/all.ts";
import type { Evaluator } from "./evaluators/evaluator.ts";
import { type Judge, judge } from "./evaluators/judge.ts";
import { engineOf, type Task } from "./run.ts";

/** Selects lines: by dataset (empty: all), by engine, and the first `limit` of each dataset. */
export interface Selection {
  datasets: string[];
  engine?: string;
  limit?: number;
}

/** The selected lines. Throws if a dataset is invalid or if no line matches. */
export function tasksOf({ datasets, engine, limit }: Selection): Task[] {
  const names = datasets.length > 0 ? [...new Set(datasets)] : datasetNames();
  const isWanted = (line: DatasetLine) => engine === undefined || engineOf(line) === engine;
  const wanted = names.map(readDataset).flatMap(({ name, lines }) =>
    lines
      .filter(isWanted)
      .slice(0, limit)
      .map((line) => ({ dataset: name, line })),
  );
  if (wanted.length === 0) throw new Error("No line of these datasets matches.");
  return wanted;
}

/** Overrides of the settings. `judge` is a model's name or `off`. */
export interface Variation {
  prompts?: Record<string, string>;
  model?: string;
  judge?: string;
}

/** Returns how to answer and judge lines with these settings. The demo model does not judge. */
export function suite(settings: Config, { prompts, model, judge: judging }: Variation) {
  const tools = bench(settings, prompts);
  const isJudged = !isDemo(settings) && judging !== "off";
  const judged: Judge | undefined = isJudged ? judge(tools, judging ?? settings.MODEL) : undefined;
  const evaluators: Evaluator[] = [...rules, ...(judged ? [judged.evaluate] : [])];
  return { ask: (line: DatasetLine) => ask(tools, line, model), evaluators, judge: judged };
}
