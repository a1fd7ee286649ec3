import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import type { SocketLimits } from "../phoenix/limits.ts";
import { type Layer, Socket } from "../phoenix/socket.ts";
import type { CloseCode, Transport } from "../phoenix/transport.ts";
import type { Encoded } from "../phoenix/wire/serializer.ts";
import { ArrivingFrame } from "./arriving-frame.ts";
import { authTokenHeader, readSubprotocols } from "./auth-token.ts";
import { type Handshake, type HandshakeOptions, handshake } from "./handshake.ts";
import { answerPreflight, isPreflight } from "./preflight.ts";
import { refusalAnswer, refuse } from "./refusals.ts";

const TEXT = { binary: false, compress: false };
const BINARY = { binary: true, compress: false };

/** A WebSocket that refers to its socket. All connections can then share their listeners, which saves memory. */
class AttachedWebSocket extends WebSocket {
  socket: Pick<Socket<unknown>, "receive" | "close" | "gone" | "log" | "outlet"> | undefined;
  arriving: ArrivingFrame | undefined;
}

function socketOf(webSocket: WebSocket): AttachedWebSocket["socket"] {
  return webSocket instanceof AttachedWebSocket ? webSocket.socket : undefined;
}

/** Runs sockets over WebSocket. */
export function webSockets<Assigns>(layer: Layer<Assigns>, options: HandshakeOptions<Assigns>) {
  const server = new WebSocketServer<typeof AttachedWebSocket>(serverOptions(layer.limits));

  return {
    async upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): Promise<void> {
      connection.on("error", ignore);
      const accepted = await admit(options, request);
      if (connection.destroyed) return;
      connection.off("error", ignore);
      if ("refused" in accepted) return refuse(connection, accepted);
      if (!isHandshake(request)) return refuse(connection, { refused: 400 });
      server.handleUpgrade(request, connection, head, (webSocket) => {
        const { identity, serializer } = accepted;
        const transport = new WebSocketTransport(webSocket, connection, layer.limits.idleMs);
        const socket = new Socket(layer, serializer, identity, transport);
        const arriving = new ArrivingFrame(webSocket, socket.user, layer.limits.frameCostBytes);
        connection.on("data", (chunk: Buffer) => arriving.add(chunk) || socket.close(1013, "too much at a time"));
        Object.assign(webSocket, { socket, arriving });
        webSocket.on("message", onMessage).on("ping", onPing).on("error", onError).on("close", onClose);
      });
    },
    /** Answers a plain HTTP request, without an upgrade. Pages ask this way why their handshake was refused. */
    async plain(request: IncomingMessage, response: ServerResponse): Promise<void> {
      if (isPreflight(request)) return answerPreflight(request, response);
      request.headers.origin ??= pageOf(request);
      const accepted = await admit(options, request, authTokenHeader(request));
      const refusal = "refused" in accepted ? accepted : { refused: 400 };
      const { headers, body } = refusalAnswer(refusal);
      response.writeHead(refusal.refused, { connection: "close", ...headers }).end(body);
    },
  };
}

function serverOptions({ frameBytes, closeMs }: SocketLimits) {
  return {
    WebSocket: AttachedWebSocket,
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: frameBytes,
    // More than any browser sends, but few enough to bound memory.
    maxFragments: 1024,
    maxBufferedChunks: 4096,
    closeTimeout: closeMs,
    autoPong: false,
  };
}

async function admit<Assigns>(
  options: HandshakeOptions<Assigns>,
  request: IncomingMessage,
  plainToken?: string,
): Promise<Handshake<Assigns>> {
  if (request.method !== "GET") return { refused: 400 };
  const offer = readSubprotocols(request.headers["sec-websocket-protocol"]);
  if (offer === "refused") return { refused: 403 };
  // `ws` answers with the first protocol offered, and rejects a header with `/` or `=`. So it only gets to see "phoenix".
  request.headers["sec-websocket-protocol"] = offer.protocol;
  return handshake(options, request, "websocket", offer.authToken ?? plainToken);
}

/** The page's origin by its Referer: browsers leave Origin out of a plain request to the page's own host. */
function pageOf({ headers }: IncomingMessage): string | undefined {
  const origin = URL.parse(headers.referer ?? "")?.origin;
  return origin === "null" ? undefined : origin;
}

function isHandshake({ headers }: IncomingMessage): boolean {
  return (
    headers.upgrade?.toLowerCase() === "websocket" &&
    headers["sec-websocket-version"] === "13" &&
    /^[+/0-9A-Za-z]{22}==$/.test(headers["sec-websocket-key"] ?? "")
  );
}

/** Frames up to this length wait for others of the same moment. */
const corkedUnits = 1_024;

class WebSocketTransport implements Transport {
  readonly supportsBinary = true;
  readonly heartbeatsAcknowledge = true;
  readonly #webSocket: WebSocket;
  readonly #connection: Duplex & { bytesRead?: number };
  readonly #idleMs: number;
  #bytesRead: number;
  #heardAt = performance.now();
  #isCorked = false;

  constructor(webSocket: WebSocket, connection: Duplex, idleMs: number) {
    this.#webSocket = webSocket;
    this.#connection = connection;
    this.#bytesRead = this.#connection.bytesRead ?? 0;
    this.#idleMs = idleMs;
  }

  get bufferedBytes(): number {
    return this.#webSocket.bufferedAmount;
  }

  /** Small frames that are sent in one go leave in one write: each write is a system call. */
  send(data: Encoded): void {
    if (!this.#isCorked && data.length <= corkedUnits) {
      this.#isCorked = true;
      this.#connection.cork();
      queueMicrotask(() => this.#uncork()); // later would be too late: a graph keeps the microtasks busy for milliseconds
    }
    this.#webSocket.send(data, typeof data === "string" ? TEXT : BINARY);
  }

  #uncork(): void {
    this.#isCorked = false;
    this.#connection.uncork();
  }

  close(code: CloseCode, reason: string): void {
    this.#webSocket.close(code, reason);
  }

  terminate(): void {
    this.#webSocket.terminate();
  }

  /** Any byte counts as a sign of life: part of a frame, a ping or a pong. Comparing byte counts costs nothing per frame. */
  isIdle(now: number): boolean {
    const { bytesRead = 0 } = this.#connection;
    if (bytesRead !== this.#bytesRead) {
      this.#bytesRead = bytesRead;
      this.#heardAt = now;
    }
    return now - this.#heardAt >= this.#idleMs;
  }
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  // With the default `binaryType`, `ws` always passes a Buffer.
  if (!Buffer.isBuffer(data) || !(this instanceof AttachedWebSocket)) return;
  this.arriving?.arrived();
  this.socket?.receive(data, isBinary);
  this.arriving?.free(data);
}

/** A client that does not read gets no pongs, which would pile up. */
function onPing(this: WebSocket, data: Buffer): void {
  if (!(this instanceof AttachedWebSocket)) return;
  this.arriving?.pinged();
  if (this.socket?.outlet.congested === false) this.pong(data);
}

/** `ws` has already sent the close code. This ends the channels without waiting for the client. */
function onError(this: WebSocket, error: Error): void {
  socketOf(this)?.log.debug({ err: error }, "a client violated the WebSocket protocol");
  socketOf(this)?.close(1002, "");
}

function onClose(this: WebSocket): void {
  if (!(this instanceof AttachedWebSocket)) return;
  this.arriving?.ended();
  this.socket?.gone();
}

function ignore(): void {}
