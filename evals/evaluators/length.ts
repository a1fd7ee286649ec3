import type { DatasetLine } from "../dataset.ts";
import type { Judged, Score } from "./evaluator.ts";

/** Checks the number of words. Out of bounds, the score is proportional: twice the maximum scores 0.5. */
export function length({ expect }: DatasetLine, { response }: Judged): Score | undefined {
  const { min_words: min = 0, max_words: max = Number.POSITIVE_INFINITY } = expect;
  if (expect.min_words === undefined && expect.max_words === undefined) return undefined;
  const words = response.split(/\s+/).filter(Boolean).length;
  if (words < min) return { name: "length", score: words / min, comment: `${words} words, at least ${min}` };
  if (words > max) return { name: "length", score: max / words, comment: `${words} words, at most ${max}` };
  return { name: "length", score: 1, comment: "" };
}
