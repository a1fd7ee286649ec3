import type { DatasetLine } from "../dataset.ts";
import type { Judged, Score } from "./evaluator.ts";
import { mentions } from "./mentions.ts";

/** Checks that the answer mentions the expected parts of the context. */
export function cites({ expect }: DatasetLine, { response }: Judged): Score | undefined {
  return expect.cites && mentions("cites", response, expect.cites);
}
