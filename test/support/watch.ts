/** Lets a test wait for something in what a recorder records: `notify` after each change, `until` to wait. */
export function watch() {
  const checks = new Set<() => void>();
  return {
    notify(): void {
      for (const check of checks) check();
    },
    /** What `find` finds, now or after a change. `late` words the error. */
    async until<T>(find: () => T | undefined, timeoutMs: number, late: () => string): Promise<T> {
      const found = find();
      if (found !== undefined) return found;
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const check = () => {
        const now = find();
        if (now === undefined) return;
        checks.delete(check); // so that a find which takes what it finds takes it once
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
