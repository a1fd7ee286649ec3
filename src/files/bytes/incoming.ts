import type { Readable } from "node:stream";

import { FilesUnavailable } from "./file-bytes.ts";

/** How long a server may be silent while its bytes are waited for. */
const silenceMs = 15_000;

/** The bytes of a stream. Ends the stream if none come for too long; a reader that takes its time is no reason. */
export async function* patient(body: Readable): AsyncGenerator<Buffer> {
  const chunks: AsyncIterator<Buffer> = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const timeout = setTimeout(() => body.destroy(new Error("No bytes came.")), silenceMs);
      const chunk = await chunks.next().finally(() => clearTimeout(timeout));
      if (chunk.done) return;
      yield chunk.value;
    }
  } catch (error) {
    throw new FilesUnavailable({ cause: error });
  } finally {
    body.destroy();
  }
}

/** The first bytes of a stream, and all of it. */
export async function startOf(chunks: AsyncGenerator<Buffer>, length: number) {
  let read = Buffer.alloc(0);
  while (read.length < length) {
    const chunk = await chunks.next();
    if (chunk.done) break;
    read = Buffer.concat([read, chunk.value]);
  }
  async function* all(): AsyncGenerator<Buffer> {
    yield read;
    yield* chunks;
  }
  return { start: read.subarray(0, length), all: all() };
}
