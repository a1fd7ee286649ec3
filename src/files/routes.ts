import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import type { Limit } from "../limits/rate-limits.ts";
import type { FileStore } from "../store/files.ts";
import type { Log } from "../telemetry/log.ts";
import type { Clients } from "../transport/handshake.ts";
import type { OriginCheck } from "../transport/origin.ts";
import { isPreflight } from "../transport/preflight.ts";
import { refusalOf, sendRefusal } from "./answers.ts";
import type { FileBytes } from "./bytes/file-bytes.ts";
import type { CallerOf } from "./caller.ts";
import { disposition } from "./file-name.ts";
import { encodingOf } from "./plain-text.ts";
import { FileRefused } from "./refused.ts";
import type { uploads } from "./uploads.ts";

export interface FileRoutes {
  files: FileStore;
  bytes: FileBytes;
  upload: ReturnType<typeof uploads>;
  callerOf: CallerOf;
  clients: Clients;
  originAllowed: OriginCheck;
  downloadLimit: Limit;
  draining: () => boolean;
  log: Log;
}

/** `POST /files` and `GET /files/<file_id>`. Returns false for every other path. */
export function fileRoutes(parts: FileRoutes) {
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const [path = ""] = (request.url ?? "").split("?", 1);
    const [, fileId] = /^\/files(?:\/([^/]+))?$/.exec(path) ?? [];
    if (fileId === undefined && path !== "/files") return false;
    answer(parts, fileId, request, response).catch((error: unknown) => {
      const refusal = refusalOf(error);
      if (refusal.reason === "internal") parts.log.error({ err: error }, "a request for a file failed");
      sendRefusal(request, response, refusal);
    });
    return true;
  };
}

async function answer(
  parts: FileRoutes,
  fileId: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  allowOrigin(parts, request, response);
  if (isPreflight(request)) return preflight(response);
  if (fileId === undefined && request.method === "POST") {
    if (parts.draining()) throw new FileRefused("draining", "The server is about to restart.", { retryAfterMs: 1_000 });
    const facts = await parts.upload(request, await parts.callerOf(request));
    response.writeHead(201, { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" });
    response.end(JSON.stringify(facts));
    return;
  }
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (fileId === undefined || !isRead) throw new FileRefused("not_found", "There is nothing at this address.");
  await download(parts, fileId, request, response);
}

/** Pages of other origins are refused. Programs that are no browsers send no origin. */
function allowOrigin({ originAllowed, clients }: FileRoutes, request: IncomingMessage, response: ServerResponse): void {
  const { origin } = request.headers;
  if (!originAllowed(request.headers, clients.isProxied(request))) {
    throw new FileRefused(
      "origin_not_allowed",
      "Pages of this origin may not use this server. Add it to ALLOWED_ORIGINS in the server's settings.",
    );
  }
  response.setHeader("vary", "origin");
  if (origin === undefined) return;
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("access-control-expose-headers", "content-disposition, etag, retry-after");
}

function preflight(response: ServerResponse): void {
  response.writeHead(204, {
    "access-control-allow-methods": "GET, HEAD, POST",
    "access-control-allow-headers": "authorization, content-type, if-none-match, x-user-id",
    "access-control-max-age": "3600",
  });
  response.end();
}

/** Unknown files and those of others are found in the same way: neither the answer nor its time tells them apart. */
async function download(
  { files, bytes, callerOf, downloadLimit }: FileRoutes,
  fileId: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const userId = await callerOf(request);
  const waitMs = await downloadLimit(userId);
  if (waitMs > 0) throw new FileRefused("rate_limited", "Too many requests for files.", { retryAfterMs: waitMs });
  const [file] = await files.of(userId, [fileId]);
  const etag = `"${fileId}"`;
  const isKnown = request.headers["if-none-match"] === etag;
  const isBodyless = isKnown || request.method === "HEAD";
  const opened = file && (await bytes.open(fileId, isBodyless ? "start" : "all"));
  if (!opened) throw new FileRefused("not_found", "There is no such file.");
  try {
    response.writeHead(isKnown ? 304 : 200, {
      "content-type": contentType(file.media_type, opened.start),
      ...(!isKnown && { "content-length": file.size }),
      "content-disposition": disposition(file.name),
      "content-security-policy": "sandbox; default-src 'none'",
      "x-content-type-options": "nosniff",
      "cache-control": "private, no-cache",
      etag,
      vary: "authorization, origin, x-user-id",
    });
    if (isBodyless) response.end();
    else await pipeline(opened.stream(), response).catch(whenGone(response));
  } finally {
    await opened.close();
  }
}

function contentType(mediaType: string, start: Uint8Array): string {
  return mediaType === "text/plain" ? `text/plain; charset=${encodingOf(start)}` : mediaType;
}

/** A client that leaves is no failure. */
function whenGone(response: ServerResponse) {
  return (error: unknown) => {
    if (!response.destroyed) throw error;
  };
}
