import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import type { SocketLimits } from "../phoenix/limits.ts";
import { type Layer, Socket } from "../phoenix/socket.ts";
import type { CloseCode, Transport } from "../phoenix/transport.ts";
import type { Encoded } from "../phoenix/wire/serializer.ts";
import { readSubprotocols } from "./auth-token.ts";
import { type Handshake, type HandshakeOptions, handshake } from "./handshake.ts";

const TEXT = { binary: false, compress: false };
const BINARY = { binary: true, compress: false };

/** Knows its socket itself, so that all of them share their listeners: an idle connection should cost little. */
class CarryingWebSocket extends WebSocket {
  socket: Pick<Socket<unknown>, "receive" | "close" | "gone" | "log"> | undefined;
}

function carriedBy(webSocket: WebSocket): CarryingWebSocket["socket"] {
  return webSocket instanceof CarryingWebSocket ? webSocket.socket : undefined;
}

/** Opens sockets over WebSocket. */
export function webSockets<Assigns>(layer: Layer<Assigns>, options: HandshakeOptions<Assigns>) {
  const server = new WebSocketServer<typeof CarryingWebSocket>(serverOptions(layer.limits));

  return {
    async upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): Promise<void> {
      connection.on("error", ignoreLostConnection);
      const accepted = await admit(options, request);
      if (connection.destroyed) return;
      connection.off("error", ignoreLostConnection);
      if ("refused" in accepted) return refuse(connection, accepted.refused, accepted.headers);
      if (!isHandshake(request)) return refuse(connection, 400);
      server.handleUpgrade(request, connection, head, (webSocket) => {
        const { identity, serializer } = accepted;
        const transport = new WebSocketTransport(webSocket, connection, layer.limits.idleMs);
        webSocket.socket = new Socket(layer, serializer, identity, transport);
        webSocket.on("message", onMessage).on("error", onError).on("close", onClose);
      });
    },
    /** Answers a request that asks for no upgrade. */
    async plain(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const accepted = await admit(options, request);
      const { refused, headers } = "refused" in accepted ? accepted : { refused: 400 };
      response.writeHead(refused, { connection: "close", ...headers }).end();
    },
  };
}

function serverOptions({ frameBytes, closeMs }: SocketLimits) {
  return {
    WebSocket: CarryingWebSocket,
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: frameBytes,
    // Far above what a browser makes of a frame, far below what would cost memory.
    maxFragments: 1024,
    maxBufferedChunks: 4096,
    closeTimeout: closeMs,
  };
}

async function admit<Assigns>(
  options: HandshakeOptions<Assigns>,
  request: IncomingMessage,
): Promise<Handshake<Assigns>> {
  if (request.method !== "GET") return { refused: 400 };
  const offer = readSubprotocols(request.headers["sec-websocket-protocol"]);
  if (offer === "refused") return { refused: 403 };
  // `ws` answers the first that is offered, and takes no token with `/` or `=` in it: it sees only what it may answer.
  request.headers["sec-websocket-protocol"] = offer.protocol;
  return handshake(options, request, "websocket", offer.authToken);
}

function isHandshake({ headers }: IncomingMessage): boolean {
  return (
    headers.upgrade?.toLowerCase() === "websocket" &&
    headers["sec-websocket-version"] === "13" &&
    /^[+/0-9A-Za-z]{22}==$/.test(headers["sec-websocket-key"] ?? "")
  );
}

export function refuse(connection: Duplex, status: number, headers: Record<string, string> = {}): void {
  connection.on("error", ignoreLostConnection);
  const lines = Object.entries({ connection: "close", "content-length": "0", ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  connection.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${head}\r\n`, () => connection.destroy());
}

class WebSocketTransport implements Transport {
  readonly takesBytes = true;
  readonly heartbeatsAcknowledge = true;
  readonly #webSocket: WebSocket;
  readonly #connection: Duplex & { bytesRead?: number };
  readonly #idleMs: number;
  #bytesRead: number;
  #heardAt = Date.now();

  constructor(webSocket: WebSocket, connection: Duplex, idleMs: number) {
    this.#webSocket = webSocket;
    this.#connection = connection;
    this.#bytesRead = this.#connection.bytesRead ?? 0;
    this.#idleMs = idleMs;
  }

  get bufferedBytes(): number {
    return this.#webSocket.bufferedAmount;
  }

  send(data: Encoded): void {
    this.#webSocket.send(data, typeof data === "string" ? TEXT : BINARY);
  }

  close(code: CloseCode, reason: string): void {
    this.#webSocket.close(code, reason);
  }

  terminate(): void {
    this.#webSocket.terminate();
  }

  /** Any byte counts, be it a part of a frame, a ping or a pong; looking at the count costs nothing per frame. */
  silent(now: number): boolean {
    const { bytesRead = 0 } = this.#connection;
    if (bytesRead !== this.#bytesRead) {
      this.#bytesRead = bytesRead;
      this.#heardAt = now;
    }
    return now - this.#heardAt >= this.#idleMs;
  }
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  // `ws` gives one Buffer unless told otherwise.
  if (Buffer.isBuffer(data)) carriedBy(this)?.receive(data, isBinary);
}

/** `ws` has sent the fitting close code before; this ends the channels without waiting for the client. */
function onError(this: WebSocket, error: Error): void {
  carriedBy(this)?.log.debug({ err: error }, "a client broke the WebSocket protocol");
  carriedBy(this)?.close(1002, "");
}

function onClose(this: WebSocket): void {
  carriedBy(this)?.gone();
}

function ignoreLostConnection(): void {}
