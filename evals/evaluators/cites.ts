import type { DatasetLine } from "../dataset.ts";
import type { Judged, Score } from "./evaluator.ts";
import { mentions } from "./mentions.ts";

/** Whether the answer uses what the context gave. */
export function cites({ expect }: DatasetLine, { response }: Judged): Score | undefined {
  return expect.cites && mentions("cites", response, expect.cites);
}
