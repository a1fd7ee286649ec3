import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { z } from "zod";

import type { Result } from "./run.ts";

const Kept = z.object({
  at: z.string(),
  lines: z.record(
    z.string(),
    z.object({
      scores: z.record(z.string(), z.number()),
      comments: z.record(z.string(), z.string()),
      model: z.string(),
      response: z.string(),
      failure: z.string().optional(),
    }),
  ),
});

/** The latest result of each line, by `dataset/id`. */
export type Kept = z.infer<typeof Kept>;

/** Reads a results file. Undefined if it does not exist; throws if it is not a results file. */
export function readResults(path: string): Kept | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  try {
    return Kept.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`${path} is not a results file. Delete it or use another one with --results.`, {
      cause: error,
    });
  }
}

/** Writes a run's results. Lines that did not run keep their earlier results. */
export function keepResults(path: string, before: Kept | undefined, results: readonly Result[]): void {
  const news = Object.fromEntries(results.map((result) => [result.key, kept(result)]));
  const all: Kept = { at: new Date().toISOString(), lines: { ...before?.lines, ...news } };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.tmp`, `${JSON.stringify(all, null, 2)}\n`);
  renameSync(`${path}.tmp`, path);
}

function kept({ scores, figures, response, failure }: Result): Kept["lines"][string] {
  return {
    scores: Object.fromEntries(scores.map(({ name, score }) => [name, score])),
    comments: Object.fromEntries(scores.filter(({ comment }) => comment).map(({ name, comment }) => [name, comment])),
    model: figures?.model ?? "",
    response,
    ...(failure !== undefined && { failure }),
  };
}
