import type { FileFacts } from "../../graphs/files.ts";

/** Older files are of no use to a model. */
export const maxTurnsWithFiles = 50;

/** The files in this column of several turns, the newest turn first. Returns each file once, the newest last. */
export function filesIn(attachments: readonly string[]): FileFacts[] {
  const newestFirst: FileFacts[] = attachments.flatMap((json) => JSON.parse(json).toReversed());
  return [...new Map(newestFirst.map((file) => [file.file_id, file])).values()].reverse();
}
