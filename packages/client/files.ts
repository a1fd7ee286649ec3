import type { Socket } from "phoenix";

import { ConversationError, refused } from "./error.ts";
import type { FileFacts } from "./store/state.ts";

export interface FileOptions {
  /** Only with a key that may name users. */
  user_id?: string;
  signal?: AbortSignal;
}

export interface UploadOptions extends FileOptions {
  /** Default: the name of the `File`. */
  name?: string;
}

/**
 * Uploads a file with the key or token of the socket. Attach the result to a message: `conversation.ask(text, { attachments:
 * [file] })`. Rejects with a `ConversationError`: `unsupported_type`, `content_too_long` and others, or `timeout` if the server
 * cannot be reached.
 */
export async function uploadFile(
  socket: Socket,
  file: Blob,
  { name, ...options }: UploadOptions = {},
): Promise<FileFacts> {
  const body = new FormData();
  body.append("file", file, name ?? (file instanceof File ? file.name : "file"));
  const reply = await request(socket, "files", { method: "POST", body }, options);
  return await reply.json();
}

/** Downloads a file of the user, for example to show an image. Rejects with a `ConversationError`, such as `not_found`. */
export async function downloadFile(socket: Socket, fileId: string, options: FileOptions = {}): Promise<Blob> {
  const reply = await request(socket, `files/${encodeURIComponent(fileId)}`, {}, options);
  return await reply.blob();
}

/** The path is next to that of the socket. */
async function request(
  socket: Socket & { authToken?: () => string },
  path: string,
  init: RequestInit,
  { user_id, signal }: FileOptions,
): Promise<Response> {
  signal?.throwIfAborted();
  const { href, searchParams } = new URL(socket.endPointURL().replace(/^ws/, "http"));
  const secret = searchParams.get("api_key") ?? searchParams.get("token") ?? socket.authToken?.() ?? "";
  const headers = {
    authorization: `Bearer ${secret}`,
    ...(user_id !== undefined && { "x-user-id": bytesOf(user_id) }),
  };
  const credentials = "omit";
  const sent = { ...init, headers, credentials, ...(signal && { signal }) } as const;
  const reply = await fetch(new URL(`../${path}`, href), sent).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new ConversationError("timeout", "The server cannot be reached.");
  });
  if (!reply.ok) throw await refusalOf(reply);
  return reply;
}

/** Headers have bytes. */
function bytesOf(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

/** A proxy that refuses a large file answers in its own words. */
async function refusalOf(reply: Response): Promise<ConversationError> {
  try {
    return refused(await reply.json());
  } catch {
    const code = reply.status === 413 ? "content_too_long" : "internal";
    return new ConversationError(code, `The server answered with HTTP status ${reply.status}.`);
  }
}
