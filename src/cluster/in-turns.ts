/** Runs jobs, at most `limit` at the same time, in the order in which they came. */
export function inTurns(limit: number): (job: () => Promise<void>) => Promise<void> {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async (job) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      await job();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}
