import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

import { choice, done, usage } from "./model-bytes.ts";

/** How one answer is written: so many tokens, the first after so long, then some every so often (0: as fast as it goes). */
export interface Pace {
  tokens: number;
  firstMs: number;
  everyMs: number;
  /** Tokens in one write. */
  atOnce: number;
  /** Says this instead of its tokens, in one piece. */
  text?: string;
  /** Begins when the gate is opened, and ends when it is closed again. */
  gated: boolean;
}

interface Stream extends Pace {
  socket: Socket;
  response: ServerResponse;
  written: number;
  dueAt: number;
}

/** Every token is this long, so that text arrived counts tokens arrived. */
export const tokenLength = 6;

const different = 100;
const tokens = Array.from({ length: different }, (_, index) =>
  choice({ content: ` w${String(index).padStart(4, "0")}` }),
);
const opening = choice({ role: "assistant", content: "", refusal: null });

const running = new Set<Stream>();
const held: Stream[] = [];
const ending: Stream[] = [];
let whenHeld: { count: number; resolve: () => void } | undefined;
let ticker: NodeJS.Timeout | undefined;
let isOpen = false;

/** Streams one answer, past the response's machinery: the bytes were made before, with their own chunk headers. */
export function stream(response: ServerResponse, pace: Pace): void {
  response.writeHead(200, { "content-type": "text/event-stream", "transfer-encoding": "chunked" });
  response.flushHeaders();
  const { socket } = response;
  if (!socket) return;
  socket.setNoDelay(true);
  const stream: Stream = { ...pace, socket, response, written: 0, dueAt: 0 };
  response.once("close", () => running.delete(stream));
  if (pace.gated) hold(stream);
  else begin(stream);
}

function hold(stream: Stream): void {
  held.push(stream);
  if (whenHeld && held.length >= whenHeld.count) whenHeld.resolve();
}

/** Resolves when so many gated streams wait. */
export async function waiting(count: number): Promise<void> {
  if (held.length >= count) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  whenHeld = { count, resolve };
  await promise;
  whenHeld = undefined;
}

export function openGate(): void {
  isOpen = true;
  for (const stream of held.splice(0)) begin(stream);
}

export function closeGate(): void {
  isOpen = false;
  for (const stream of ending.splice(0)) finish(stream);
}

function begin(stream: Stream): void {
  running.add(stream);
  const { firstMs, everyMs } = stream;
  // Spread over one interval, so that streams which begin together do not write together.
  stream.dueAt = performance.now() + firstMs + (stream.gated ? Math.random() * everyMs : 0);
  if (firstMs === 0 && everyMs === 0) pour(stream);
  else ticker ??= setInterval(tick, 1);
}

/** One write for each turn of the event loop, and none while the reader is behind. */
function pour(stream: Stream): void {
  if (!running.has(stream) || !advance(stream)) return;
  if (stream.socket.writableNeedDrain) stream.socket.once("drain", () => pour(stream));
  else setImmediate(pour, stream);
}

function tick(): void {
  const now = performance.now();
  for (const stream of running) {
    while (stream.dueAt <= now && advance(stream)) stream.dueAt += stream.everyMs;
  }
  if (running.size > 0) return;
  clearInterval(ticker);
  ticker = undefined;
}

/** Writes the next tokens; false when there are no more. */
function advance(stream: Stream): boolean {
  const { socket, written, atOnce } = stream;
  if (written === 0) socket.write(opening);
  if (stream.text !== undefined && written === 0) {
    socket.write(choice({ content: stream.text }));
    stream.written = stream.tokens;
    return true;
  }
  if (written < stream.tokens) {
    const some = Math.min(atOnce, stream.tokens - written);
    socket.write(
      some === 1 ? next(written) : Buffer.concat(Array.from({ length: some }, (_, at) => next(written + at))),
    );
    stream.written += some;
    return true;
  }
  running.delete(stream);
  if (stream.gated && isOpen) ending.push(stream);
  else finish(stream);
  return false;
}

function next(position: number): Buffer {
  return tokens[position % different] ?? opening;
}

function finish({ socket, response, tokens: written }: Stream): void {
  socket.write(Buffer.concat([choice({}, "stop"), usage(written), done]));
  response.end();
}
