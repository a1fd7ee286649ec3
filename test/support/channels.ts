import type { Hear, Redis } from "../../src/cluster/redis.ts";

/** What nodes use of Redis to talk to each other. */
export type Line = Pick<Redis, "publish" | "subscribe" | "unsubscribe" | "onConnected" | "isUp"> & {
  /** The connection is lost. */
  cut(): void;
  /** It is there again. */
  mend(): void;
  /** What is on its way to this node waits for `release`. */
  hold(): void;
  release(): void;
};

/** Channels between nodes in one process. Each call of `line` is a node's connection. */
export function channels() {
  const lines = new Set<(channel: string, message: string) => boolean>();
  const heard: { channel: string; message: string }[] = [];

  return {
    /** Everything that was published. */
    heard,
    line(): Line {
      const listeners = new Map<string, Set<Hear>>();
      const handlers = new Set<() => void>();
      let isUp = true;
      let held: (() => void)[] | undefined;
      lines.add((channel, message) => {
        const own = listeners.get(channel);
        if (!isUp || !own?.size) return false;
        const arrive = () => {
          for (const listener of own) listener(message);
        };
        if (held) held.push(arrive);
        else queueMicrotask(arrive);
        return true;
      });
      return {
        get isUp() {
          return isUp;
        },
        async publish(channel, message) {
          if (!isUp) throw new Error("no connection");
          heard.push({ channel, message });
          return [...lines].filter((deliver) => deliver(channel, message)).length;
        },
        async subscribe(channel, listener) {
          listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener));
        },
        unsubscribe(channel, listener) {
          listeners.get(channel)?.delete(listener);
        },
        onConnected(handler) {
          handlers.add(handler);
          return () => void handlers.delete(handler);
        },
        cut() {
          isUp = false;
        },
        hold() {
          held ??= [];
        },
        release() {
          const waiting = held ?? [];
          held = undefined;
          for (const arrive of waiting) arrive();
        },
        mend() {
          isUp = true;
          for (const handler of handlers) handler();
        },
      };
    },
  };
}
