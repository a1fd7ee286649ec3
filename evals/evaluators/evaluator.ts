import type { Answered } from "../../src/workbench/detached.ts";
import type { DatasetLine } from "../dataset.ts";

export interface Score {
  name: string;
  /** From 0 to 1. */
  score: number;
  /** Why the score is below 1; otherwise empty. */
  comment: string;
}

/** The parts of an answer that evaluators look at. */
export type Judged = Pick<Answered, "response" | "conversationType" | "metadata">;

/** Scores one aspect of an answer. Undefined if the line has no expectation about it. */
export type Evaluator = (line: DatasetLine, answered: Judged) => Score | undefined | Promise<Score | undefined>;
