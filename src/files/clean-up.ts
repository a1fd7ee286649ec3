import type { FileStore } from "../store/files.ts";
import type { Log } from "../telemetry/log.ts";
import type { FileBytes } from "./bytes/file-bytes.ts";

/** A file that no message came with in this time is removed. */
const unusedMs = 24 * 3_600_000;

const intervalMs = 3_600_000;

const batch = 20;

/** Removes files that nobody needs, now and each hour. Returns what ends that. */
export function cleanUp(files: FileStore, bytes: FileBytes, log: Log): () => Promise<void> {
  let running = Promise.resolve();
  const run = () => {
    running = running
      .then(() => removeUnneeded(files, bytes, Date.now() - unusedMs))
      .catch((error: unknown) => log.error({ err: error }, "uploaded files were not removed"));
  };
  const timer = setInterval(run, intervalMs).unref();
  run();
  return async () => {
    clearInterval(timer);
    await running;
  };
}

/** First the row says that a file is given up, then its bytes go, then its row: a crash in between leaves nothing behind for long. */
async function removeUnneeded(files: FileStore, bytes: FileBytes, before: number): Promise<void> {
  await files.giveUpUnused(new Date(before).toISOString());
  for (;;) {
    const fileIds = await files.givenUp(batch);
    if (fileIds.length === 0) break;
    await Promise.all(fileIds.map((fileId) => bytes.remove(fileId)));
    await files.forget(fileIds);
  }
  await bytes.dropAbandoned(before);
}
