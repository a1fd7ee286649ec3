import type { DatasetLine } from "../dataset.ts";
import type { Judged, Score } from "./evaluator.ts";

/** Whether the answer's words are within bounds; outside, how near it is: twice too long is half. */
export function length({ expect }: DatasetLine, { response }: Judged): Score | undefined {
  const { min_words: least = 0, max_words: most = Number.POSITIVE_INFINITY } = expect;
  if (expect.min_words === undefined && expect.max_words === undefined) return undefined;
  const words = response.split(/\s+/).filter(Boolean).length;
  if (words < least) return { name: "length", score: words / least, comment: `${words} words, at least ${least}` };
  if (words > most) return { name: "length", score: most / words, comment: `${words} words, at most ${most}` };
  return { name: "length", score: 1, comment: "" };
}
