import type { IncomingMessage } from "node:http";
import { v7 } from "uuid";

import type { FileFacts } from "../../graphs/files.ts";
import type { Limit } from "../limits/rate-limits.ts";
import type { FileStore, UnusedLimit } from "../store/files.ts";
import type { ArrivingFile, FileBytes } from "./bytes/file-bytes.ts";
import { contentsOf } from "./contents.ts";
import { fileName } from "./file-name.ts";
import { inTurn } from "./in-turn.ts";
import { pdfPages } from "./pdf.ts";
import { readUpload } from "./read-upload.ts";
import { FileRefused } from "./refused.ts";

export interface UploadSettings {
  files: FileStore;
  bytes: FileBytes;
  maxBytes: number;
  limit: Limit;
}

/** How many uploads of one user may arrive at the same time. */
const maxArriving = 10;

/** PDFs that are read at the same time. Each keeps a core busy. */
const maxReading = 2;

/** What a user may keep before a message comes with it: this many files, and the bytes of this many of the largest. */
const maxUnused = { files: 500, largest: 20 };

/** Takes a user's upload. Throws `FileRefused`, and then keeps nothing of it. */
export function uploads({ files, bytes, maxBytes, limit }: UploadSettings) {
  const unusedLimit: UnusedLimit = { files: maxUnused.files, bytes: maxUnused.largest * maxBytes };
  const arriving = new Map<string, number>();
  const readInTurn = inTurn(maxReading);

  async function admit(userId: string): Promise<void> {
    const waitMs = await limit(userId);
    if (waitMs > 0) throw tooMany("Too many uploads.", waitMs);
    const kept = await files.unused(userId);
    if (kept.files >= unusedLimit.files || kept.bytes >= unusedLimit.bytes) throw tooManyUnused();
    if ((arriving.get(userId) ?? 0) >= maxArriving) throw tooMany("Too many uploads at the same time.", 1_000);
  }

  async function received(request: IncomingMessage, userId: string, fileId: string, file: ArrivingFile) {
    const { name, size } = await readUpload(request, file.path, maxBytes);
    if (size === 0) throw new FileRefused("invalid_payload", "The file is empty.");
    const { mediaType, pages } = await contentsOf(file.path, (path) => readInTurn(userId, () => pdfPages(path)));
    await file.sync(pages);
    const facts: FileFacts = { file_id: fileId, name: fileName(name), size, media_type: mediaType };
    const isAdded = await files.add({ ...facts, userId, createdAt: new Date().toISOString() }, unusedLimit);
    if (!isAdded) throw tooManyUnused();
    await file.settle().catch(async (error: unknown) => {
      await files.giveUp(fileId).catch(ignore); // then it goes as one that was not used
      throw error;
    });
    return facts;
  }

  return async (request: IncomingMessage, userId: string): Promise<FileFacts> => {
    await admit(userId);
    arriving.set(userId, (arriving.get(userId) ?? 0) + 1);
    try {
      const fileId = v7();
      const file = await bytes.arriving(fileId);
      return await received(request, userId, fileId, file).finally(() => file.drop());
    } finally {
      const left = (arriving.get(userId) ?? 0) - 1;
      if (left > 0) arriving.set(userId, left);
      else arriving.delete(userId);
    }
  };
}

function tooMany(message: string, retryAfterMs: number): FileRefused {
  return new FileRefused("rate_limited", message, { retryAfterMs });
}

function tooManyUnused(): FileRefused {
  return tooMany(
    "Too many uploaded files wait to be sent. Send them with a message, or upload more tomorrow.",
    3_600_000,
  );
}

function ignore(): void {}
