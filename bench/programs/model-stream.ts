import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

import { type Answer, answer } from "./model-tokens.ts";

/** How an answer is written. */
export interface Pace {
  tokens: number;
  /** Delay of the first token. */
  firstMs: number;
  /** Interval between writes; 0 writes as fast as possible. */
  everyMs: number;
  /** Tokens per write. */
  atOnce: number;
  /** Written in one piece instead of tokens. */
  text?: string;
  /** Starts when the gate opens, and ends when it closes again. */
  gated: boolean;
  /** All gated streams write at the same moments. Otherwise they are spread over one interval. */
  together?: boolean;
  /** Each token contains the time when it was written. */
  stamped?: boolean;
}

interface Stream extends Pace {
  socket: Socket;
  response: ServerResponse;
  answer: Answer;
  written: number;
  dueAt: number;
}

const running = new Set<Stream>();
const held: Stream[] = [];
const ending: Stream[] = [];
let whenHeld: { count: number; resolve: () => void } | undefined;
let ticker: NodeJS.Timeout | undefined;
let isOpen = false;

/** Streams one answer directly to the socket: the bytes are prepared, including the HTTP chunk framing. */
export function stream(response: ServerResponse, pace: Pace): void {
  response.writeHead(200, { "content-type": "text/event-stream", "transfer-encoding": "chunked" });
  response.flushHeaders();
  const { socket } = response;
  if (!socket) return;
  socket.setNoDelay(true);
  // A gated answer is the only one in its conversation, so it needs no unique id.
  const stream: Stream = { ...pace, socket, response, answer: answer(!pace.gated), written: 0, dueAt: 0 };
  response.once("close", () => running.delete(stream));
  if (pace.gated) hold(stream);
  else begin(stream);
}

function hold(stream: Stream): void {
  held.push(stream);
  if (whenHeld && held.length >= whenHeld.count) whenHeld.resolve();
}

/** Resolves when this many gated streams are waiting. */
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
  const { firstMs, everyMs, gated, together } = stream;
  stream.dueAt = performance.now() + firstMs + (gated && !together ? Math.random() * everyMs : 0);
  if (firstMs === 0 && everyMs === 0) pour(stream);
  else ticker ??= setInterval(tick, 1);
}

/** One write per iteration of the event loop, and none while the reader is behind. */
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

/** Writes the next tokens. Returns false if there are none left. */
function advance(stream: Stream): boolean {
  const { socket, answer, written, atOnce } = stream;
  if (written === 0) socket.write(answer.opening);
  if (stream.text !== undefined && written === 0) {
    socket.write(answer.text(stream.text));
    stream.written = stream.tokens;
    return true;
  }
  if (written < stream.tokens) {
    const some = Math.min(atOnce, stream.tokens - written);
    socket.write(some === 1 ? next(stream) : Buffer.concat(Array.from({ length: some }, (_, at) => next(stream, at))));
    stream.written += some;
    return true;
  }
  running.delete(stream);
  if (stream.gated && isOpen) ending.push(stream);
  else finish(stream);
  return false;
}

function next({ answer, written, stamped }: Stream, at = 0): Buffer {
  return stamped ? answer.stamped() : answer.token(written + at);
}

function finish({ socket, response, answer, tokens }: Stream): void {
  socket.write(answer.ending(tokens));
  response.end();
}
