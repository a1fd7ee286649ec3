/** Runs a job when it is its turn. */
export type InTurn = <Result>(userId: string, job: () => Promise<Result>) => Promise<Result>;

/** At most so many jobs run at the same time, and one of each user: a user who has many does not keep the others waiting. */
export function inTurn(maxRunning: number): InTurn {
  const busy = new Set<string>();
  const waiting: { userId: string; start: () => void }[] = [];

  function next(): void {
    while (busy.size < maxRunning) {
      const index = waiting.findIndex(({ userId }) => !busy.has(userId));
      const [first] = index < 0 ? [] : waiting.splice(index, 1);
      if (!first) return;
      busy.add(first.userId);
      first.start();
    }
  }

  return async (userId, job) => {
    await new Promise<void>((start) => {
      waiting.push({ userId, start });
      next();
    });
    try {
      return await job();
    } finally {
      busy.delete(userId);
      next();
    }
  };
}
