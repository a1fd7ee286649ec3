import type { ClientRequestArgs, IncomingMessage } from "node:http";

import { Socket as CurrentSocket, type Socket, type SocketConnectOption } from "phoenix";
import { WebSocket } from "ws";

import { type Conversation, joinConversation } from "./conversation.ts";
import { HandshakeRefused, socketUrl } from "./handshake.ts";

export { answerText, type Conversation, JoinRefused, type TurnSeen } from "./conversation.ts";
export { HandshakeRefused } from "./handshake.ts";
export type { Payload } from "./payload.ts";
export { type FrameV1, type FrameV2, rawClient } from "./raw-client.ts";

export interface ConnectOptions {
  /** The connect parameter `api_key`. */
  apiKey?: string;
  /** The connect parameter `token`. */
  token?: string;
  /** phoenix.js's `authToken`, sent as a subprotocol. */
  authToken?: string;
  params?: Record<string, unknown>;
  /** Headers of the handshake, such as `origin`. */
  headers?: ClientRequestArgs["headers"];
  /** Other options of phoenix.js, such as `transport: LongPoll`. */
  socketOptions?: Partial<SocketConnectOption>;
  /** Another version of phoenix.js: `(await import("phoenix-1.6")).Socket`. */
  socketClass?: typeof Socket;
  timeoutMs?: number;
}

export interface SocketClose {
  code: number;
  reason: string;
  at: number;
}

export type Client = Awaited<ReturnType<typeof connect>>;

/** The official client on an open connection. Rejects when the handshake is refused: `{status: 403}`. */
export async function connect(url: string, options: ConnectOptions = {}) {
  const { apiKey, token, authToken, headers, socketOptions, socketClass = CurrentSocket, timeoutMs = 10_000 } = options;
  const transports: WebSocket[] = [];
  const closes: SocketClose[] = [];
  let refusal: HandshakeRefused | undefined;

  class Transport extends WebSocket {
    constructor(endpoint: string, protocols?: string[]) {
      super(endpoint, protocols, { headers });
      transports.push(this);
      this.once("unexpected-response", (request, response: IncomingMessage) => {
        refusal = new HandshakeRefused(response.statusCode ?? 0, response.headers);
        response.resume();
        request.destroy(refusal);
      });
    }
  }

  const params = { ...(apiKey && { api_key: apiKey }), ...(token && { token }), ...options.params };
  const socket = new socketClass(socketUrl(url), {
    transport: Transport,
    params,
    ...(authToken && { authToken }),
    ...socketOptions,
  });
  socket.onClose(({ code, reason }) => void closes.push({ code, reason, at: performance.now() }));
  await open(socket, () => refusal, timeoutMs);

  return {
    /** The phoenix.js socket. */
    socket,
    /** Every WebSocket this client has opened, the current one last. */
    transports,
    /** The close events of all connections, in order. */
    closes,
    /** Joins `conversation:<id>`, or a full topic. Rejects with `JoinRefused`. The parameters may be a function, which is called for each rejoin. */
    join(id: string, joinParams: object | (() => object) = {}): Promise<Conversation> {
      const topic = id.includes(":") ? id : `conversation:${id}`;
      return joinConversation(socket, topic, joinParams);
    },
    /** Drops the connection without a close frame. phoenix.js then reconnects and rejoins by itself. */
    drop(): void {
      transports.at(-1)?.terminate();
    },
    /** Stops reading until `resume`. */
    pause(): void {
      transports.at(-1)?.pause();
    },
    resume(): void {
      transports.at(-1)?.resume();
    },
    /** Resolves with the close event when the connection has ended. */
    async closed(): Promise<SocketClose> {
      const { promise, resolve } = Promise.withResolvers<SocketClose>();
      const [first] = closes;
      if (first) return first;
      const ref = socket.onClose(() => resolve(closes[0] ?? { code: 1005, reason: "", at: performance.now() }));
      return promise.finally(() => socket.off([ref]));
    },
    async close(): Promise<void> {
      transports.at(-1)?.resume();
      if (socket.connectionState() === "closed") return socket.disconnect();
      const { promise, resolve } = Promise.withResolvers<void>();
      socket.onClose(() => resolve());
      socket.disconnect(resolve);
      await promise;
    },
    [Symbol.asyncDispose](): Promise<void> {
      return this.close();
    },
  };
}

function open(socket: Socket, refusal: () => Error | undefined, timeoutMs: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const late = setTimeout(() => reject(new Error(`not connected in ${timeoutMs} ms`)), timeoutMs);
  const refs = [
    socket.onOpen(() => resolve()),
    socket.onError((error) => reject(refusal() ?? new Error(`no connection: ${describe(error)}`))),
  ];
  promise.catch(() => socket.disconnect());
  socket.connect();
  return promise.finally(() => {
    clearTimeout(late);
    socket.off(refs);
  });
}

function describe(error: unknown): string {
  if (typeof error === "object" && error !== null && "message" in error) return String(error.message);
  return String(error);
}
