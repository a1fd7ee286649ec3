import { Grouped } from "../grouped.ts";
import type { Log } from "../telemetry/log.ts";
import { type Client, connectTo } from "./connection.ts";
import { subscriptions } from "./subscriptions.ts";

/** A start waits this long for Redis, and then goes on without it. */
const firstConnectionMs = 2_000;

/** In UTF-16 units. What Redis has not taken yet; what would be more is refused. */
const maxUnsentUnits = 16_777_216;

/** A message on a channel. */
export type Hear = (message: string) => void;

/** Redis as the nodes use it: everything in it can be lost, and so can the connection, at any time. */
export interface Redis {
  /** For single commands. They reject at once while there is no connection. */
  client: Client;
  /** Resolves with the number of receivers. Rejects while there is no connection, or if too much is on its way. */
  publish(channel: string, message: string): Promise<number>;
  /** Remembered over reconnects. Resolves when the channel is subscribed, also if that has to wait for a connection. */
  subscribe(channel: string, listener: Hear): Promise<void>;
  unsubscribe(channel: string, listener: Hear): void;
  /** Called whenever all channels are subscribed (again) after a connection. Returns a function that removes the handler. */
  onConnected(handler: () => void): () => void;
  /** Both connections are there. */
  readonly isUp: boolean;
  /** How often a connection was there again. */
  readonly reconnects: number;
  close(): Promise<void>;
}

/** Resolves when Redis is connected, or cannot be for the moment. */
export async function openRedis(url: string, log: Log): Promise<Redis> {
  const listeners = new Grouped<string, Hear>();
  const handlers = new Set<() => void>();
  const prefix = prefixOf(url);
  let connections = 0;
  let unsent = 0;

  function guarded(call: () => void): void {
    try {
      call();
    } catch (error) {
      log.error({ err: error }, "a listener failed");
    }
  }

  /** Both connections come back on their own; the handlers hear of the last one. */
  function connected(): void {
    if (!isUp()) return;
    connections += 1;
    for (const handler of [...handlers]) guarded(handler);
  }

  const commands = connectTo(url, "commands", log, connected, () => {});
  const channels = subscriptions(
    (ready, lost) => connectTo(url, "subscriptions", log, ready, lost),
    (channel, message) => {
      const name = channel.slice(prefix.length);
      for (const listener of [...listeners.of(name)]) guarded(() => listener(message));
    },
    connected,
  );
  const isUp = () => commands.client.isReady && channels.isReady;

  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, firstConnectionMs);
  });
  await Promise.race([Promise.all([commands.first, channels.first]), late]);
  clearTimeout(timer);

  return {
    client: commands.client,
    async publish(channel, message) {
      if (unsent + message.length > maxUnsentUnits) throw new Error("Redis does not keep up.");
      unsent += message.length;
      try {
        return await commands.client.publish(prefix + channel, message);
      } finally {
        unsent -= message.length;
      }
    },
    subscribe(channel, listener) {
      listeners.add(channel, listener);
      return channels.add(prefix + channel);
    },
    unsubscribe(channel, listener) {
      if (listeners.delete(channel, listener) && !listeners.has(channel)) channels.remove(prefix + channel);
    },
    onConnected(handler) {
      handlers.add(handler);
      return () => void handlers.delete(handler);
    },
    get isUp() {
      return isUp();
    },
    get reconnects() {
      return Math.max(connections - 1, 0);
    },
    async close() {
      commands.close();
      channels.close();
    },
  };
}

/** Channels are not part of a database of Redis. So its number is a part of their names, and servers with different ones stay apart. */
function prefixOf(url: string): string {
  const database = new URL(url).pathname.slice(1) || "0";
  return `conversations:${database}:`;
}
