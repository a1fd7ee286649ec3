import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Admit, Connect, Member, Routes } from "../phoenix/channel.ts";
import { Congestion } from "../phoenix/congestion.ts";
import { DEFAULT_LIMITS, type SocketLimits } from "../phoenix/limits.ts";
import type { Log } from "../phoenix/log.ts";
import type { Layer } from "../phoenix/socket.ts";
import { Topics } from "../phoenix/topics.ts";
import { Users } from "../phoenix/user.ts";
import type { PushPayload } from "../phoenix/wire/serializer.ts";
import { drain } from "./drain.ts";
import type { Clients } from "./handshake.ts";
import { longPoll } from "./longpoll.ts";
import { originCheck } from "./origin.ts";
import type { Peers } from "./peers.ts";
import { refuse } from "./refusals.ts";
import { Registry } from "./registry.ts";
import { router } from "./routes.ts";
import { webSockets } from "./websocket.ts";

export interface SocketOptions<Assigns> {
  /** The sockets are at `<mount>/websocket` and `<mount>/longpoll`. */
  mount: string;
  routes: Routes<Assigns>;
  connect: Connect<Assigns>;
  admit?: Admit;
  /** Tells clients from proxies. Default: the client is the other end of the connection. */
  clients?: Clients;
  /** Phoenix's `check_origin` list. Without it, the origin's host must be the request's Host header or `host`. */
  allowedOrigins?: string[];
  host?: string;
  limits?: Partial<SocketLimits>;
  /** The other nodes, if there can be any. */
  peers?: Peers | undefined;
  log: Log;
}

/** Adds Phoenix Channels to an existing HTTP server. Throws only if an option is malformed. */
export function serveSocket<Assigns>(options: SocketOptions<Assigns>) {
  const { log, connect, admit = async () => undefined, clients = unproxied } = options;
  const limits: SocketLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const registry = new Registry<Assigns>(Math.min(limits.idleMs, limits.longPollWindowMs * 1.5));
  const topics = new Topics();
  let draining = false;

  const layer: Layer<Assigns> = {
    limits,
    log,
    topics,
    users: new Users(limits),
    congestion: new Congestion((error) => log.error({ err: error }, "a channel crashed in a whenWritable callback")),
    route: router(options.routes),
    added: (socket) => registry.add(socket),
    gone: (socket) => registry.remove(socket),
  };
  const originAllowed = originCheck(options.allowedOrigins, options.host);
  const handshakes = { connect, admit, clients, originAllowed, log, draining: () => draining };
  const overWebSocket = webSockets(layer, handshakes);
  const overLongPoll = longPoll(layer, handshakes, options.peers);

  return {
    /** For the server's `shouldUpgradeCallback`. */
    takesUpgrade(request: IncomingMessage): boolean {
      return request.headers.upgrade?.toLowerCase() === "websocket" && pathOf(request) === `${options.mount}/websocket`;
    },

    /** For the server's "upgrade" event. Any path but the socket's gets a 404. */
    upgrade(request: IncomingMessage, connection: Duplex, head: Buffer): void {
      if (pathOf(request) !== `${options.mount}/websocket`) {
        refuse(connection, { refused: 404 });
        return;
      }
      overWebSocket.upgrade(request, connection, head).catch((error) => {
        log.error({ err: error }, "an upgrade failed");
        connection.destroy();
      });
    },

    /** True if the request was for a socket; it then answers it. */
    request(request: IncomingMessage, response: ServerResponse): boolean {
      const path = pathOf(request);
      if (path !== `${options.mount}/websocket` && path !== `${options.mount}/longpoll`) return false;
      const handle = path.endsWith("/websocket") ? overWebSocket.plain : overLongPoll.handle;
      handle(request, response).catch((error) => {
        log.debug({ err: error }, "a socket request failed");
        response.destroy();
      });
      return true;
    },

    /** Sends an event to every member of a topic, except `except`. */
    broadcast(topic: string, event: string, payload: PushPayload, except?: Member<Assigns>): void {
      try {
        topics.broadcast(topic, event, payload, except);
      } catch (error) {
        log.error({ err: error, topic, event }, "a broadcast could not be encoded");
      }
    },

    /** Closes all sockets with this id. Their clients reconnect; to keep them out, refuse them in `connect`. */
    disconnect(id: string): void {
      registry.disconnect(id);
    },

    /** Refuses new sockets and closes the open ones gradually. Resolves when all are closed. */
    async drain(timing: { spreadMs: number; timeoutMs: number }): Promise<void> {
      draining = true;
      await drain(registry, timing);
    },

    /** Closes everything immediately. Resolves when all sockets are closed. */
    async close(): Promise<void> {
      draining = true;
      for (const socket of registry.all()) {
        socket.close(1012, "service restart");
        socket.transport.terminate();
      }
      await registry.emptied();
      await overLongPoll.close();
    },

    stats() {
      return {
        sockets: registry.size,
        longPollSessions: overLongPoll.sessions,
        channels: topics.size,
        longestBacklog: registry.longestBacklog(),
        waitingBytes: registry.unsentBytes(),
      };
    },
  };
}

const unproxied: Clients = {
  addressOf: ({ socket }) => socket.remoteAddress ?? "",
  isProxied: () => false,
};

function pathOf(request: IncomingMessage): string {
  const [path = ""] = (request.url ?? "").split("?", 1);
  return path.endsWith("/") ? path.slice(0, -1) : path;
}
