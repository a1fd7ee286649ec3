import { createWriteStream } from "node:fs";
import type { IncomingMessage } from "node:http";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Busboy, type BusboyFileStream } from "@fastify/busboy";

import { FileRefused } from "./refused.ts";

export interface Upload {
  /** As the client sent it. */
  name: string;
  size: number;
}

/** What a form may have besides its file: boundaries, headers and other fields, which are ignored. */
const overheadBytes = 65_536;

const limits = { files: 2, fields: 20, parts: 24, fieldSize: 4_096, headerPairs: 20, headerSize: 16_384 };

/** An upload that stops for this long is given up. */
const silenceMs = 20_000;

/** Writes the file of a `multipart/form-data` request to a path as it arrives. Throws `FileRefused`; what was written then is of no use. */
export async function readUpload(request: IncomingMessage, path: string, maxBytes: number): Promise<Upload> {
  if (Number(request.headers["content-length"]) > maxBytes + overheadBytes) throw tooLarge(maxBytes);
  const parts = parser(request, maxBytes);
  const over = new AbortController();
  const { promise, resolve, reject } = Promise.withResolvers<Upload>();
  promise.catch(() => {}); // also if the request fails first
  let upload: Promise<Upload> | undefined;

  parts.on("file", (field, file, name) => {
    file.on("error", ignore);
    if (field !== "file") return void file.resume();
    if (upload) return reject(new FileRefused("invalid_payload", "Send one file in each request."));
    file.once("limit", () => reject(tooLarge(maxBytes)));
    upload = written(file, path, over.signal).then((size) => ({ name: name ?? "", size }));
    upload.catch(reject);
  });
  parts.on("field", (field) => {
    if (field === "file") reject(noFile());
  });
  for (const limit of ["partsLimit", "fieldsLimit", "filesLimit"]) {
    parts.on(limit, () => reject(new FileRefused("invalid_payload", "The form has too many fields.")));
  }
  parts.on("error", (error) => reject(malformed(error)));
  parts.once("finish", () => (upload ? upload.then(resolve, ignore) : reject(noFile())));

  try {
    await Promise.race([promise, fed(request, parts, maxBytes, { giveUp: reject, signal: over.signal })]);
    return await promise;
  } finally {
    over.abort();
  }
}

/**
 * Passes the request's body on to its end. After the signal the rest is thrown away: most clients read no answer before they have sent
 * everything. Rejects with `FileRefused` if the form cannot be read.
 */
async function fed(
  request: IncomingMessage,
  parts: Writable,
  maxBytes: number,
  { giveUp, signal }: { giveUp: (reason: FileRefused) => void; signal: AbortSignal },
): Promise<void> {
  let isWriting = false;
  const silence = setTimeout(() => {
    if (isWriting)
      silence.refresh(); // the disk is slow, not the client
    else giveUp(new FileRefused("too_slow", "The upload has stopped."));
  }, silenceMs);
  const over = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  let bytes = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      if (signal.aborted) continue;
      silence.refresh();
      bytes += chunk.length;
      if (bytes > maxBytes + overheadBytes) {
        giveUp(tooLarge(maxBytes));
        continue;
      }
      isWriting = true;
      await Promise.race([taken(parts, chunk), over]);
      isWriting = false;
    }
    if (signal.aborted) return;
    parts.end();
    await Promise.race([new Promise((resolve) => parts.once("finish", resolve).once("error", resolve)), over]);
  } catch (error) {
    throw malformed(error);
  } finally {
    clearTimeout(silence);
  }
}

/** Resolves when the parser wants more: not before what it has got so far is on its way to the disk. */
function taken(parts: Writable, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => parts.write(chunk, (error) => (error ? reject(error) : resolve())));
}

function parser(request: IncomingMessage, maxBytes: number) {
  const { "content-type": type = "" } = request.headers;
  try {
    if (!/^multipart\/form-data\b/i.test(type)) throw new TypeError("not a form");
    const headers = { ...request.headers, "content-type": type };
    return new Busboy({ headers, limits: { ...limits, fileSize: maxBytes } });
  } catch (error) {
    throw new FileRefused("invalid_payload", "Send the file as multipart/form-data, in the field `file`.", {
      cause: error,
    });
  }
}

/** Resolves to the number of bytes. */
async function written(file: BusboyFileStream & Readable, path: string, signal: AbortSignal): Promise<number> {
  await pipeline(file, createWriteStream(path, { flags: "wx", mode: 0o600 }), { signal });
  return file.bytesRead;
}

function tooLarge(maxBytes: number): FileRefused {
  return new FileRefused("content_too_long", `The file is too large. At most ${maxBytes / 1_048_576} MB are allowed.`);
}

function noFile(): FileRefused {
  return new FileRefused("invalid_payload", "The form has no file in the field `file`.");
}

function malformed(cause: unknown): FileRefused {
  return new FileRefused("invalid_payload", "The form is malformed, or was cut off.", { cause });
}

function ignore(): void {}
