import type { IncomingMessage, ServerResponse } from "node:http";

import { StoreBusy } from "../store/store.ts";
import { FilesUnavailable } from "./bytes/file-bytes.ts";
import { FileRefused } from "./refused.ts";

/** How long the rest of a refused upload is read and thrown away: most clients read no answer before they have sent everything. */
const lingerMs = 30_000;

const retryAfterMs = 5_000;

/** The disk is full, or the user's part of it, or the process has no more open files. */
const noRoom = new Set(["ENOSPC", "EDQUOT", "EFBIG", "EMFILE", "ENFILE"]);

/** What a client is told of an error. */
export function refusalOf(error: unknown): FileRefused {
  if (error instanceof FileRefused) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (error instanceof StoreBusy || error instanceof FilesUnavailable || noRoom.has(code)) {
    return new FileRefused("busy", "The server cannot keep files at the moment.", { cause: error, retryAfterMs });
  }
  return new FileRefused("internal", "Something went wrong on the server.", { cause: error });
}

export function sendRefusal(request: IncomingMessage, response: ServerResponse, refusal: FileRefused): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { reason, message, status, retryAfterMs: waitMs } = refusal;
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...(status === 401 && { "www-authenticate": "Bearer" }),
    ...(waitMs !== undefined && { "retry-after": String(Math.ceil(waitMs / 1000)) }),
  });
  const details = waitMs === undefined ? undefined : { retry_after_ms: Math.ceil(waitMs) };
  response.end(JSON.stringify({ reason, message, details }));
  linger(request);
}

function linger(request: IncomingMessage): void {
  if (request.complete) return;
  const timeout = setTimeout(() => request.socket.destroy(), lingerMs);
  request.once("close", () => clearTimeout(timeout));
  request.on("error", () => {});
  request.resume();
}
