import type { Log } from "../telemetry/log.ts";

/** Who wants to hear of a change. */
export interface Listeners {
  /** Returns what ends it. */
  add(listener: () => void): () => void;
  tell(): void;
}

/** Listeners of which none can keep the others from hearing. */
export function listeners(log: Log): Listeners {
  const all = new Set<() => void>();
  return {
    add(listener) {
      all.add(listener);
      return () => all.delete(listener);
    },
    tell() {
      for (const listener of all) {
        try {
          listener();
        } catch (error) {
          log.error({ err: error }, "a change could not be told");
        }
      }
    },
  };
}
