import type { DatasetLine } from "../dataset.ts";
import type { Judged, Score } from "./evaluator.ts";
import { mentions } from "./mentions.ts";

/** Checks that the finding (`metadata.root_cause`) or the answer names the cause. */
export function rootCause({ expect }: DatasetLine, { response, metadata }: Judged): Score | undefined {
  if (!expect.root_cause) return undefined;
  return mentions("root cause", `${metadata.root_cause ?? ""}\n${response}`, expect.root_cause);
}
