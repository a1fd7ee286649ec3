/** Lets a test wait for a condition on recorded data: call `notify` after each change, and `until` to wait. */
export function watch() {
  const checks = new Set<() => void>();
  return {
    notify(): void {
      for (const check of checks) check();
    },
    /** The first result of `find` that is not undefined, now or after a change. `late` is the error message of the timeout. */
    async until<T>(find: () => T | undefined, timeoutMs: number, late: () => string): Promise<T> {
      const found = find();
      if (found !== undefined) return found;
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const check = () => {
        const now = find();
        if (now === undefined) return;
        checks.delete(check); // so that a `find` with side effects succeeds only once
        resolve(now);
      };
      const timer = setTimeout(() => reject(new Error(`${late()} (after ${timeoutMs} ms)`)), timeoutMs);
      checks.add(check);
      return promise.finally(() => {
        clearTimeout(timer);
        checks.delete(check);
      });
    },
  };
}
