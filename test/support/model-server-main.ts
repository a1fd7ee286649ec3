// A model server for benchmarks that costs little CPU: `node test/support/model-server-main.ts --tokens=100 --delay=10`.
// All answers are the same, their bytes are prepared, and one timer drives all streams.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { parseArgs } from "node:util";

import { fillSchema } from "./schema-filler.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: process.env.MODEL_PORT ?? "0" },
    tokens: { type: "string", default: process.env.MODEL_TOKENS ?? "100" },
    "first-delay": { type: "string", default: process.env.MODEL_FIRST_DELAY_MS ?? "0" },
    delay: { type: "string", default: process.env.MODEL_DELAY_MS ?? "0" },
    "tokens-per-write": { type: "string", default: process.env.MODEL_TOKENS_PER_WRITE ?? "1" },
  },
});
const tokens = Number(values.tokens);
const firstDelayMs = Number(values["first-delay"]);
const delayMs = Number(values.delay);
const tokensPerWrite = Number(values["tokens-per-write"]);

const words = Array.from({ length: tokens }, (_, index) => (index === 0 ? "word" : ` word${index}`));
const writes = chunksOf(words, tokensPerWrite).map((some) =>
  framed(some.map((word) => event({ content: word })).join("")),
);
const opening = framed(event({ role: "assistant", content: "" }));
const ending = framed(`${event({}, "stop")}${usageEvent()}data: [DONE]\n\n`);
const everything = Buffer.concat([opening, ...writes, ending]);
const wholeAnswer = Buffer.from(completion(words.join("")));
const structuredAnswers = new Map<string, string>();

/** The state of a stream: what to write next, and when. */
interface Stream {
  socket: Socket;
  response: ServerResponse;
  next: number;
  dueAt: number;
}
const streams = new Set<Stream>();
let ticker: NodeJS.Timeout | undefined;

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => answer(Buffer.concat(parts).toString(), response));
});
server.keepAliveTimeout = 60_000;
server.listen(Number(values.port), "127.0.0.1", () => {
  process.stdout.write(`listening on ${(server.address() as AddressInfo).port}\n`);
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(0));

function answer(rawBody: string, response: ServerResponse): void {
  const body = rawBody === "" ? {} : JSON.parse(rawBody);
  const schema = body.response_format?.json_schema?.schema ?? body.tools?.[0]?.function.parameters;
  if (schema) after(firstDelayMs, () => structured(body, schema, response));
  else if (body.stream !== true) after(firstDelayMs, () => json(response, wholeAnswer));
  else stream(response);
}

function stream(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream", "transfer-encoding": "chunked" });
  response.flushHeaders();
  const { socket } = response;
  if (!socket) return;
  // The frames include the HTTP chunk headers, so they are written directly to the socket.
  const isOneWrite = firstDelayMs === 0 && delayMs === 0 && tokensPerWrite >= tokens;
  if (isOneWrite) finish(socket, response, everything);
  else start({ socket, response, next: -1, dueAt: performance.now() + firstDelayMs });
}

function start(stream: Stream): void {
  stream.socket.setNoDelay(true);
  streams.add(stream);
  stream.response.once("close", () => streams.delete(stream));
  if (delayMs === 0 && firstDelayMs === 0) setImmediate(pour, stream);
  else ticker ??= setInterval(tick, 1);
}

/** Without delays: one write per iteration of the event loop. */
function pour(stream: Stream): void {
  if (streams.has(stream) && advance(stream)) setImmediate(pour, stream);
}

function tick(): void {
  const now = performance.now();
  for (const stream of streams) {
    while (stream.dueAt <= now && advance(stream)) stream.dueAt += delayMs;
  }
  if (streams.size > 0) return;
  clearInterval(ticker);
  ticker = undefined;
}

/** Writes the next piece. Returns false if that was the last one. */
function advance(stream: Stream): boolean {
  const { socket, response, next } = stream;
  if (next === -1) socket.write(opening);
  stream.next = Math.max(next, 0) + 1;
  const piece = writes[stream.next - 1];
  if (piece) {
    socket.write(piece);
    return true;
  }
  streams.delete(stream);
  finish(socket, response, ending);
  return false;
}

function finish(socket: Socket, response: ServerResponse, bytes: Buffer): void {
  socket.write(bytes);
  response.end();
}

function structured(body: Record<string, unknown>, schema: object, response: ServerResponse): void {
  const key = JSON.stringify(schema);
  let text = structuredAnswers.get(key);
  if (text === undefined) {
    text = JSON.stringify(fillSchema(schema));
    structuredAnswers.set(key, text);
  }
  const name = (body.tools as { function: { name: string } }[] | undefined)?.[0]?.function.name;
  const call = { index: 0, id: "call_0", type: "function", function: { name, arguments: text } };
  const message = name
    ? { role: "assistant", content: null, tool_calls: [call] }
    : { role: "assistant", content: text };
  if (body.stream === true) {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(`${event(message)}${event({}, "stop")}${usageEvent()}data: [DONE]\n\n`);
  } else {
    json(response, completion(text, message));
  }
}

function json(response: ServerResponse, bytes: Buffer | string): void {
  response.writeHead(200, { "content-type": "application/json" }).end(bytes);
}

function event(delta: object, finish_reason: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason }];
  const head = { id: "chatcmpl-0", object: "chat.completion.chunk", created: 1767322000, model: "bench" };
  return `data: ${JSON.stringify({ ...head, choices })}\n\n`;
}

function usageEvent(): string {
  const usage = usageOf();
  return `data: ${JSON.stringify({ id: "chatcmpl-0", object: "chat.completion.chunk", model: "bench", choices: [], usage })}\n\n`;
}

function completion(text: string, message: object = { role: "assistant", content: text }): string {
  const choices = [{ index: 0, message, finish_reason: "stop" }];
  return JSON.stringify({
    id: "chatcmpl-0",
    object: "chat.completion",
    created: 1767322000,
    model: "bench",
    choices,
    usage: usageOf(),
  });
}

function usageOf() {
  return { prompt_tokens: 10, completion_tokens: tokens, total_tokens: tokens + 10 };
}

/** Frames a text as one HTTP chunk. */
function framed(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
}

function chunksOf<T>(list: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  );
}

function after(ms: number, then: () => void): void {
  if (ms > 0) setTimeout(then, ms);
  else then();
}
