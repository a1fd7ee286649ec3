import { turnError } from "../src/turns/outcome.ts";
import { type Figures, figuresOf } from "../src/workbench/comparison.ts";
import type { Answered } from "../src/workbench/detached.ts";
import type { DatasetLine } from "./dataset.ts";
import type { Evaluator, Score } from "./evaluators/evaluator.ts";

/** A line and the name of its dataset. */
export interface Task {
  dataset: string;
  line: DatasetLine;
}

/** The result of a line: its scores, or why it failed. */
export interface Result {
  /** `dataset/id` */
  key: string;
  engine: string;
  scores: Score[];
  figures?: Figures;
  response: string;
  failure?: string;
}

/** The engine that a line is about; "any" if it names none. */
export function engineOf({ engine, expect }: DatasetLine): string {
  return engine ?? expect.type ?? "any";
}

/** Answers and judges one line. Never throws: a failure is part of the result. */
export async function evaluate(
  { dataset, line }: Task,
  ask: (line: DatasetLine) => Promise<Answered>,
  evaluators: readonly Evaluator[],
): Promise<Result> {
  const result: Result = { key: `${dataset}/${line.id}`, engine: engineOf(line), scores: [], response: "" };
  try {
    const answered = await ask(line);
    result.response = answered.response;
    result.figures = figuresOf(answered);
    result.scores = await scoresOf(line, answered, evaluators);
  } catch (error) {
    result.failure = reasonOf(error);
  }
  return result;
}

export async function scoresOf(
  line: DatasetLine,
  answered: Answered,
  evaluators: readonly Evaluator[],
): Promise<Score[]> {
  const scores = await Promise.all(evaluators.map(async (evaluator) => await evaluator(line, answered)));
  return scores.filter((score) => score !== undefined);
}

function reasonOf(error: unknown): string {
  const { code, message } = turnError(error);
  return code === "internal" && error instanceof Error ? error.message : message;
}

/** Runs the tasks, `atOnce` of them concurrently. Results are in the order of the tasks. */
export async function runAll<Done>(
  tasks: readonly Task[],
  atOnce: number,
  run: (task: Task) => Promise<Done>,
): Promise<Done[]> {
  const done: Done[] = [];
  const waiting = tasks.entries();
  async function work(): Promise<void> {
    for (const [index, task] of waiting) done[index] = await run(task);
  }
  await Promise.all(Array.from({ length: atOnce }, work));
  return done;
}
