import type { Config } from "../src/config.ts";
import { isDemo } from "../src/models/models.ts";
import { ask, bench } from "./ask.ts";
import { type DatasetLine, datasetNames, readDataset } from "./dataset.ts";
import { rules } from "./evaluators/all.ts";
import type { Evaluator } from "./evaluators/evaluator.ts";
import { type Judge, judge } from "./evaluators/judge.ts";
import { engineOf, type Task } from "./run.ts";

/** Which lines are wanted. */
export interface Selection {
  datasets: string[];
  engine?: string;
  limit?: number;
}

/** Throws an error that says what is wrong with the datasets, or that nothing is wanted of them. */
export function tasksOf({ datasets, engine, limit }: Selection): Task[] {
  const names = datasets.length > 0 ? [...new Set(datasets)] : datasetNames();
  const all = names.map(readDataset).flatMap(({ name, lines }) => lines.map((line) => ({ dataset: name, line })));
  const wanted = all.filter(({ line }) => engine === undefined || engineOf(line) === engine).slice(0, limit);
  if (wanted.length === 0) throw new Error("No line of these datasets is for this.");
  return wanted;
}

/** What is changed for the answers, and who judges them: `judge` is a model's name, or `off`. */
export interface Variation {
  prompts?: Record<string, string>;
  model?: string;
  judge?: string;
}

/** How to ask and judge with these settings. The demo model judges nothing. */
export function suite(settings: Config, { prompts, model, judge: judging }: Variation) {
  const tools = bench(settings, prompts);
  const isJudged = !isDemo(settings) && judging !== "off";
  const judged: Judge | undefined = isJudged ? judge(tools, judging ?? settings.MODEL) : undefined;
  const evaluators: Evaluator[] = [...rules, ...(judged ? [judged.evaluate] : [])];
  return { ask: (line: DatasetLine) => ask(tools, line, model), evaluators, judge: judged };
}
