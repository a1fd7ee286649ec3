import type { Connection } from "./connection.ts";

/** Until channels that Redis refused are tried again. */
const refusedMs = 1_000;

/** The channels of one connection. They are subscribed again after each reconnect; many at once cost one round trip. */
export interface Subscriptions {
  /** Resolves when the channel is subscribed. */
  add(channel: string): Promise<void>;
  remove(channel: string): void;
  /** All channels are subscribed. */
  readonly isReady: boolean;
  first: Promise<void>;
  close(): void;
}

/** `settled` is called when all channels are subscribed after a connection. */
export function subscriptions(
  open: (ready: () => void, lost: () => void) => Connection,
  hear: (channel: string, message: string) => void,
  settled: () => void,
): Subscriptions {
  /** What shall be subscribed, and who waits for it. */
  const wanted = new Map<string, PromiseWithResolvers<void>>();
  const active = new Set<string>();
  let changed = new Set<string>();
  let isSettling = false;
  let isReady = false;
  const first = Promise.withResolvers<void>();
  const listener = (message: string, channel: string) => hear(channel, message);

  const connection = open(
    () => {
      for (const channel of [...wanted.keys(), ...active]) changed.add(channel);
      active.clear();
      void settle();
    },
    () => {
      isReady = false;
    },
  );
  const { client } = connection;

  async function settle(): Promise<void> {
    if (isSettling) return;
    isSettling = true;
    await Promise.resolve(); // what the same task wants goes together
    try {
      while (client.isReady && changed.size > 0) await change();
      if (client.isReady && !isReady) {
        isReady = true;
        first.resolve();
        settled();
      }
    } catch {
      // Usually the connection is gone, and the next one subscribes all channels again. Redis may also refuse.
      if (client.isReady) setTimeout(settle, refusedMs).unref();
      return;
    } finally {
      isSettling = false;
    }
    if (client.isReady && changed.size > 0) void settle();
  }

  async function change(): Promise<void> {
    const channels = [...changed];
    changed = new Set();
    try {
      const removed = channels.filter((channel) => !wanted.has(channel));
      if (removed.length > 0) await client.unsubscribe(removed, listener);
      for (const channel of removed) active.delete(channel);
      const added = channels.filter((channel) => wanted.has(channel) && !active.has(channel));
      if (added.length > 0) await client.subscribe(added, listener);
      for (const channel of added) active.add(channel);
      for (const channel of channels) if (active.has(channel)) wanted.get(channel)?.resolve();
    } catch (error) {
      for (const channel of channels) changed.add(channel);
      throw error;
    }
  }

  return {
    add(channel) {
      const known = wanted.get(channel);
      if (known) return known.promise;
      const waiting = Promise.withResolvers<void>();
      wanted.set(channel, waiting);
      changed.add(channel);
      void settle();
      return waiting.promise;
    },
    remove(channel) {
      wanted.delete(channel);
      changed.add(channel);
      void settle();
    },
    get isReady() {
      return isReady && client.isReady;
    },
    first: first.promise,
    close: connection.close,
  };
}
