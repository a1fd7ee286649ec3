export type Gate = ReturnType<typeof gate>;

/** Holds a reply before each chunk, and once more before its end, until the test releases it. */
export function gate() {
  let permits = 0;
  const waiting: (() => void)[] = [];
  const watchers: (() => void)[] = [];

  function admit(): void {
    while (permits > 0 && waiting.length > 0) {
      permits -= 1;
      waiting.shift()?.();
    }
  }

  return {
    /** Releases the next `count` chunks. */
    release(count = 1): void {
      permits += count;
      admit();
    },
    /** Releases everything from now on. */
    open(): void {
      permits = Number.POSITIVE_INFINITY;
      admit();
    },
    /** Resolves once a reply waits at the gate, with all released chunks sent. */
    async held(): Promise<void> {
      if (waiting.length === 0) await new Promise<void>((resolve) => watchers.push(resolve));
    },
    /** For the server: resolves when the chunk may be sent. */
    async pass(signal: AbortSignal): Promise<void> {
      if (permits > 0) {
        permits -= 1;
        return;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      for (const watcher of watchers.splice(0)) watcher();
      const giveUp = () => {
        const index = waiting.indexOf(resolve);
        if (index >= 0) waiting.splice(index, 1);
        resolve();
      };
      signal.addEventListener("abort", giveUp, { once: true });
      await promise;
      signal.removeEventListener("abort", giveUp);
    },
  };
}
