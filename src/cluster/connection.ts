import { isIP } from "node:net";

import { createClient, type RedisClientOptions } from "@redis/client";

import type { Log } from "../telemetry/log.ts";

const pingMs = 1_000;

/** So many pings without an answer end a connection. They are counted, not timed: a process that was stopped gets to read its answers first. */
const maxUnanswered = 2;

/** While Redis is away. */
const retryMs = 250;

/** Redis answers in time, or the attempt to connect is given up. */
const connectTimeoutMs = 2_000;
const silenceMs = 4_000;

const maxQueuedCommands = 10_000;

export type Client = ReturnType<typeof clientOf>;

/** One connection to Redis that comes back by itself, as often as it has to. */
export interface Connection {
  client: Client;
  /** Resolves with the first connection. */
  first: Promise<void>;
  close(): void;
}

/** `ready` is called after each connection. Neither an error nor a Redis that stops answering ends the process. */
export function connectTo(url: string, role: string, log: Log, ready: () => void, lost: () => void): Connection {
  const client = clientOf(url);
  const first = Promise.withResolvers<void>();
  let isClosed = false;
  let isLogged = false;
  let unanswered = 0;

  function connect(): void {
    client.connect().catch(() => {}); // it tries again until the client is destroyed
  }

  client.on("ready", () => {
    isLogged = false;
    unanswered = 0;
    first.resolve();
    log.info({ role }, "connected to Redis");
    ready();
  });
  client.on("error", (error: unknown) => {
    lost();
    if (isLogged || isClosed) return;
    isLogged = true;
    log.warn({ role, err: error }, "Redis cannot be reached; the server goes on without it");
  });

  const pinging = setInterval(() => {
    if (!client.isReady) return;
    if (unanswered >= maxUnanswered) {
      log.warn({ role }, "Redis does not answer; connecting again");
      client.destroy(); // the other side of a half-open connection never says that it is gone
      lost();
      return connect();
    }
    unanswered += 1;
    client.sendCommand(["PING"]).then(
      () => {
        unanswered = 0;
      },
      () => {}, // the connection is gone
    );
  }, pingMs);
  pinging.unref();
  connect();

  return {
    client,
    first: first.promise,
    close() {
      isClosed = true;
      clearInterval(pinging);
      client.destroy();
    },
  };
}

function clientOf(url: string) {
  const { hostname } = new URL(url);
  const address: RedisClientOptions["socket"] = {
    connectTimeout: connectTimeoutMs,
    socketTimeout: silenceMs, // for a Redis that accepts the connection and then says nothing
    reconnectStrategy: () => retryMs + Math.random() * retryMs,
  };
  const named = url.startsWith("rediss:") && isIP(hostname) === 0 ? { tls: true as const, servername: hostname } : {};
  return createClient({
    url,
    socket: { ...address, ...named },
    disableOfflineQueue: true,
    commandsQueueMaxLength: maxQueuedCommands,
    disableClientInfo: true,
    maintNotifications: "disabled",
  });
}
