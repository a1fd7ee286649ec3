import { setTimeout as elapsed } from "node:timers/promises";

import { type BucketClient, reasonOf } from "./bucket-client.ts";
import { FilesUnavailable } from "./file-bytes.ts";

/** The object that is written and removed. */
const key = "write-check";

/** No start takes longer for it. */
const limitMs = 5_000;

/**
 * Writes and removes an object. Throws an Error that names the setting if the server refuses that. One that is down is no reason not to start:
 * it may be back before the next file.
 */
export async function checkBucket(bucket: BucketClient): Promise<void> {
  await bucket.checkSettings().catch((error: unknown) => {
    throw unusable(error);
  });
  const check = bucket
    .putText(key, "written by a start of the server")
    .then(() => bucket.remove(key))
    .catch((error: unknown) => {
      if (isRefusal(error)) throw unusable(error.cause);
    });
  await Promise.race([check, elapsed(limitMs, undefined, { ref: false })]);
}

/** The bucket, the key or the permissions are wrong. Everything else may pass. */
function isRefusal(error: unknown): error is FilesUnavailable {
  if (!(error instanceof FilesUnavailable && error.cause instanceof Error && "$metadata" in error.cause)) return false;
  const { httpStatusCode = 0 } = error.cause.$metadata as { httpStatusCode?: number };
  return httpStatusCode >= 300 && httpStatusCode < 500 && httpStatusCode !== 408 && httpStatusCode !== 429;
}

function unusable(error: unknown): Error {
  return new Error(`FILES_URL: the bucket cannot be used (${reasonOf(error)}).`, { cause: error });
}
