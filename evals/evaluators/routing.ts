import type { DatasetLine } from "../dataset.ts";
import type { Judged, Score } from "./evaluator.ts";

/** Checks the router's choice. Lines that set their own engine are not judged. */
export function routing({ engine, expect }: DatasetLine, { conversationType }: Judged): Score | undefined {
  if (!expect.type || engine) return undefined;
  const isRight = conversationType === expect.type;
  return { name: "routing", score: isRight ? 1 : 0, comment: isRight ? "" : `${conversationType}, not ${expect.type}` };
}
