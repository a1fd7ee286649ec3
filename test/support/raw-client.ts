import type { ClientRequestArgs, IncomingMessage } from "node:http";

import { WebSocket } from "ws";

import { HandshakeRefused, socketUrl } from "./handshake.ts";
import { watch } from "./watch.ts";

export interface RawOptions {
  /** `2.0.0` by default; null sends none. */
  vsn?: string | null;
  params?: Record<string, string>;
  protocols?: string[];
  headers?: ClientRequestArgs["headers"];
}

export type FrameV2 = [
  joinRef: string | null,
  ref: string | null,
  topic: string,
  event: string,
  payload: Record<string, unknown> & Reply,
];
export type FrameV1 = {
  topic: string;
  event: string;
  ref: string | null;
  join_ref: string | null;
  payload: FrameV2[4];
};
type Reply = { status?: string; response?: Record<string, unknown> };

export type RawClient = Awaited<ReturnType<typeof rawClient>>;

/** A WebSocket to `/socket/websocket` with its raw frames. The caller chooses their type: `FrameV1`, or `FrameV2 | Buffer`. */
export async function rawClient<Frame = FrameV2>(
  url: string,
  { vsn = "2.0.0", params, protocols, headers }: RawOptions = {},
) {
  const query = new URLSearchParams({ ...params, ...(vsn !== null && { vsn }) });
  const socket = new WebSocket(`${socketUrl(url)}/websocket?${query}`, protocols, { headers });
  const frames: Frame[] = [];
  const watched = watch();
  const closed = Promise.withResolvers<{ code: number; reason: string }>();
  let taken = 0;

  socket.on("message", (data: Buffer, isBinary) => {
    frames.push((isBinary ? data : JSON.parse(data.toString())) as Frame); // the caller knows the serializer
    watched.notify();
  });
  socket.on("close", (code, reason) => closed.resolve({ code, reason: reason.toString() }));
  await opened(socket);

  return {
    socket,
    /** Everything received, in order. */
    frames,
    /** Strings and Buffers are sent unchanged, everything else as JSON. */
    send(frame: unknown): void {
      socket.send(typeof frame === "string" || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
    },
    /** The next frame, or the next one that matches; frames before it are skipped. */
    next(matches: (frame: Frame) => boolean = () => true, timeoutMs = 10_000): Promise<Frame> {
      const find = () => {
        const index = frames.findIndex((frame, position) => position >= taken && matches(frame));
        if (index < 0) return undefined;
        taken = index + 1;
        return frames[index];
      };
      return watched.until(find, timeoutMs, () => `no frame; saw ${shown(frames)}`);
    },
    async waitClose(timeoutMs = 10_000): Promise<{ code: number; reason: string }> {
      const { promise, reject } = Promise.withResolvers<never>();
      const late = setTimeout(
        () => reject(new Error(`still open after ${timeoutMs} ms; saw ${shown(frames)}`)),
        timeoutMs,
      );
      return Promise.race([closed.promise, promise]).finally(() => clearTimeout(late));
    },
    async close(code?: number, reason?: string): Promise<void> {
      socket.close(code, reason);
      await closed.promise;
    },
    /** Ends the connection without a close frame. */
    terminate(): void {
      socket.terminate();
    },
    async [Symbol.asyncDispose](): Promise<void> {
      socket.terminate();
    },
  };
}

async function opened(socket: WebSocket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once("open", resolve);
  socket.once("unexpected-response", (request, response: IncomingMessage) => {
    response.resume();
    request.destroy();
    reject(new HandshakeRefused(response.statusCode ?? 0, response.headers));
  });
  socket.on("error", reject);
  await promise;
}

function shown(frames: unknown[]): string {
  return frames.length === 0
    ? "nothing"
    : frames
        .slice(-20)
        .map((frame) => JSON.stringify(frame).slice(0, 160))
        .join("; ");
}
