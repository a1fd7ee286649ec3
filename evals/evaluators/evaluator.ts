import type { Answered } from "../../src/workbench/detached.ts";
import type { DatasetLine } from "../dataset.ts";

export interface Score {
  name: string;
  /** From 0 to 1. */
  score: number;
  /** Why it is not 1; empty when it is. */
  comment: string;
}

/** What an evaluator looks at of an answer. */
export type Judged = Pick<Answered, "response" | "conversationType" | "metadata">;

/** Judges one side of an answer; undefined when the line expects nothing of the kind. */
export type Evaluator = (line: DatasetLine, answered: Judged) => Score | undefined | Promise<Score | undefined>;
