/** A store that is not ready for long should be in the log, even if nobody asks for `/readyz`. */
const pollMs = 5_000;

interface Log {
  error(fields: object, message: string): void;
  info(message: string): void;
}

export interface Readiness {
  /** Undefined if the server is ready, otherwise what is wrong. */
  problem(): Promise<string | undefined>;
  close(): void;
}

/** Checks the store when asked and every few seconds, and logs when its answer changes. */
export function readiness(ready: () => Promise<void>, log: Log): Readiness {
  let last: string | undefined;

  async function problem(): Promise<string | undefined> {
    const found = await ready().then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    if (found !== undefined && found !== last) log.error({ problem: found }, "the store is not ready");
    if (found === undefined && last !== undefined) log.info("the store is ready again");
    last = found;
    return found;
  }

  const timer = setInterval(problem, pollMs).unref();
  return { problem, close: () => clearInterval(timer) };
}
