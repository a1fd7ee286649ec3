import type { Log } from "../telemetry/log.ts";

export interface Listeners {
  /** Returns a function that removes the listener. */
  add(listener: () => void): () => void;
  notify(): void;
}

/** A listener that throws is logged, and does not affect the others. */
export function listeners(log: Log): Listeners {
  const all = new Set<() => void>();
  return {
    add(listener) {
      all.add(listener);
      return () => all.delete(listener);
    },
    notify() {
      for (const listener of all) {
        try {
          listener();
        } catch (error) {
          log.error({ err: error }, "a listener failed");
        }
      }
    },
  };
}
