import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { type Layer, Socket } from "../phoenix/socket.ts";
import { authTokenHeader } from "./auth-token.ts";
import { type HandshakeOptions, handshake, queryOf, refusedOrigin } from "./handshake.ts";
import { LongPollSession } from "./longpoll-session.ts";
import { answerPreflight } from "./preflight.ts";
import { decodeQuery } from "./query.ts";

interface OpenSession<Assigns> {
  session: LongPollSession;
  socket: Socket<Assigns>;
  /** In POSTs that have not arrived as a whole. */
  arriving: number;
}

/** Runs sockets over long poll. Like in Phoenix, answers are HTTP 200 and the real status is in the body. */
export function longPoll<Assigns>(layer: Layer<Assigns>, options: HandshakeOptions<Assigns>) {
  const sessions = new Map<string, OpenSession<Assigns>>();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === "OPTIONS") return answerPreflight(request, response);
    if (request.method !== "GET" && request.method !== "POST") return answerEmpty(response, 400);
    const foreign = refusedOrigin(options, request);
    if (foreign) return answer(response, { status: 403, ...foreign.explanation });
    const open = sessions.get(sessionToken(request));
    if (request.method === "POST") await post(request, response, open);
    else if (open) poll(response, open.session);
    else await openSession(request, response);
  }

  async function openSession(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (sessions.size >= layer.limits.longPollSessions) return answer(response, { status: 500 });
    const accepted = await handshake(options, request, "longpoll", authTokenHeader(request));
    if (response.destroyed) return;
    // phoenix.js retries after 403 and 500; any other status would stop its polling for good.
    if ("refused" in accepted) {
      return answer(response, { status: accepted.refused >= 500 ? 500 : 403, ...accepted.explanation });
    }
    const session = new LongPollSession(layer.limits);
    const socket = new Socket(layer, accepted.serializer, accepted.identity, session);
    session.events = {
      polled: () => socket.outlet.requested(),
      answered: () => socket.outlet.replied(),
      closed: () => {
        sessions.delete(session.token);
        queueMicrotask(() => socket.gone());
      },
    };
    sessions.set(session.token, { session, socket, arriving: 0 });
    answer(response, { status: 410, token: session.token, messages: [] });
  }

  function poll(response: ServerResponse, session: LongPollSession): void {
    let fetched = true;
    let gone: (() => void) | undefined;
    const cancel = session.poll((body, whenGone) => {
      fetched = !body.messages?.length;
      gone = whenGone;
      response.once("finish", () => {
        fetched = true;
      });
      answer(response, body);
    });
    response.once("close", () => {
      cancel();
      gone?.();
      // The connection broke and the messages are lost, so the client has to start a new session.
      if (!fetched) session.close(1002);
    });
  }

  async function post(
    request: IncomingMessage,
    response: ServerResponse,
    open: OpenSession<Assigns> | undefined,
  ): Promise<void> {
    if (!open) {
      request.resume();
      return answer(response, { status: 410 });
    }
    const { batchLines, batchBytes, frameBytes } = layer.limits;
    const body = await readBody(request, open, batchBytes);
    if (body === undefined) return answerEmpty(response, 413);
    for (const frame of framesOf(request.headers["content-type"], body, batchLines)) {
      if (frame === undefined) open.socket.close(1011, "");
      else if (frame.data.length > frameBytes) open.socket.close(1009, "");
      else open.socket.receive(frame.data, frame.isBinary);
    }
    answer(response, { status: sessions.has(open.session.token) ? 200 : 408 });
  }

  return {
    handle,
    get sessions() {
      return sessions.size;
    },
  };
}

function sessionToken(request: IncomingMessage): string {
  const header = request.headers["x-phoenix-longpoll-token"];
  if (typeof header === "string") return header;
  const token = decodeQuery(queryOf(request))?.token;
  return typeof token === "string" ? token : "";
}

interface SentFrame {
  data: Buffer;
  isBinary: boolean;
}

/** The frames of a POST, at most `max`. Undefined marks a line that is not a frame. */
function* framesOf(type: string | undefined, body: Buffer, max: number): Generator<SentFrame | undefined> {
  if (!type?.startsWith("application/x-ndjson")) {
    if (body.length > 0) yield { data: body, isBinary: false };
    return;
  }
  let count = 0;
  for (let start = 0; start < body.length && count < max; ) {
    const newline = body.indexOf("\n", start);
    const end = newline === -1 ? body.length : newline;
    const line = body.subarray(start, end);
    start = end + 1;
    if (isBlank(line)) continue;
    count += 1;
    yield frameOf(line);
  }
}

function isBlank(line: Buffer): boolean {
  return line.length < 100 && line.toString().trim() === "";
}

function frameOf(line: Buffer): SentFrame | undefined {
  if (line[0] === 0x5b || line[0] === 0x7b) return { data: line, isBinary: false }; // [ or {
  const base64 = line.toString().trim();
  return /^[A-Za-z0-9+/]*={0,2}$/.test(base64) ? { data: Buffer.from(base64, "base64"), isBinary: true } : undefined;
}

/** Undefined if all POSTs that a session sends at the same time are too large, or all of its user's. */
async function readBody(
  request: IncomingMessage,
  open: Pick<OpenSession<unknown>, "socket" | "arriving">,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request) {
      if (open.arriving + chunk.length > maxBytes || !open.socket.user.hold(chunk.length)) return undefined;
      open.arriving += chunk.length;
      bytes += chunk.length;
      chunks.push(chunk);
      const pauseMs = open.socket.user.readMs(chunk.length);
      if (pauseMs > 0) await wait(pauseMs);
    }
    return Buffer.concat(chunks);
  } finally {
    open.arriving -= bytes;
    open.socket.user.release(bytes);
  }
}

function answer(response: ServerResponse, body: object): void {
  if (response.destroyed) return;
  response.writeHead(200, {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    "access-control-allow-origin": "*",
  });
  response.end(JSON.stringify(body));
}

function answerEmpty(response: ServerResponse, status: number): void {
  response.writeHead(status, { connection: "close" });
  response.end();
}
