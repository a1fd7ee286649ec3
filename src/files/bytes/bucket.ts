import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";

import type { Page } from "../../../graphs/files.ts";
import type { BucketAddress } from "../../settings/files-url.ts";
import type { Log } from "../../telemetry/log.ts";
import { textOf } from "../plain-text.ts";
import { type BucketClient, bucketClient, type LocalFile } from "./bucket-client.ts";
import { checkBucket } from "./check-bucket.ts";
import { type FileBytes, FilesUnavailable } from "./file-bytes.ts";
import { patient, startOf } from "./incoming.ts";

/** How long a turn waits for a server that is down, before it goes on without the file. */
const patienceMs = 10_000;
const pauseMs = 500;

const bytesOf = (fileId: string) => `${fileId}/bytes`;
const pagesOf = (fileId: string) => `${fileId}/pages.json`;

/**
 * Files on a server that speaks S3, with the same names as in a folder. An upload arrives in a temporary folder of this machine and is sent
 * once it is known to be good. Rejects with an Error that names the setting if the bucket refuses to take files.
 */
export async function fileBucket(address: BucketAddress, log: Log): Promise<FileBytes> {
  const bucket = bucketClient(address, log);
  const incoming = await checkBucket(bucket)
    .then(temporaryFolder)
    .catch((error: unknown) => {
      bucket.close();
      throw error;
    });

  return {
    async arriving(fileId) {
      const folder = join(incoming, fileId);
      await mkdir(folder, { mode: 0o700 });
      const path = join(folder, "bytes");
      let text: readonly Page[] | undefined;
      return {
        path,
        async sync(pages) {
          text = pages;
        },
        async settle() {
          await stored(bucket, fileId, { path, ...(await measured(path)) }, text);
        },
        async drop() {
          await rm(folder, { recursive: true, force: true });
        },
      };
    },
    async open(fileId, part) {
      const body = await bucket.get(bytesOf(fileId), part === "start" ? "bytes=0-1" : undefined);
      if (!body) return undefined;
      const { start, all } = await startOf(patient(body), 2);
      return {
        start,
        stream: () => all,
        async close() {
          body.destroy();
        },
      };
    },
    async bytes(fileId) {
      return await whole(bucket, bytesOf(fileId));
    },
    async pages({ file_id, media_type }) {
      if (media_type.startsWith("text/")) return [{ text: textOf(await whole(bucket, bytesOf(file_id))) }];
      if (media_type !== "application/pdf") return [];
      return JSON.parse((await whole(bucket, pagesOf(file_id))).toString("utf8"));
    },
    async remove(fileId) {
      await Promise.all([bytesOf(fileId), pagesOf(fileId)].map(bucket.remove));
    },
    async dropAbandoned() {}, // the temporary folder goes with the process
    async close() {
      bucket.close();
      await rm(incoming, { recursive: true, force: true });
    },
  };
}

async function temporaryFolder(): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), "conversation-channel-files-"));
  } catch (error) {
    const message = `FILES_URL: uploads arrive in ${tmpdir()}, which cannot be written to. TMPDIR names another folder.`;
    throw new Error(message, { cause: error });
  }
}

/** The bytes come last: a file that can be read is there as a whole. */
async function stored(bucket: BucketClient, fileId: string, file: LocalFile, pages?: readonly Page[]): Promise<void> {
  if (pages) await bucket.putText(pagesOf(fileId), JSON.stringify(pages));
  await bucket.put(bytesOf(fileId), file);
}

async function measured(path: string) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return { size: (await stat(path)).size, sha256: hash.digest("hex") };
}

/** For a turn, which has no other chance to read it. */
async function whole(bucket: BucketClient, key: string): Promise<Buffer> {
  const until = performance.now() + patienceMs;
  for (;;) {
    try {
      return await read(bucket, key);
    } catch (error) {
      if (!(error instanceof FilesUnavailable) || performance.now() > until) throw error;
      await sleep(pauseMs);
    }
  }
}

async function read(bucket: BucketClient, key: string): Promise<Buffer> {
  const body = await bucket.get(key);
  if (!body) throw new Error("The file is no longer kept.");
  return await buffer(patient(body));
}
