/** The logger that the layer needs. Fields never contain payloads or credentials. */
export interface Log {
  debug(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Runs a part of a channel that must not fail the layer. Undefined if it throws. */
export function attempt<T>(log: Log, topic: string, failure: string, action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    log.error({ err: error, topic }, failure);
    return undefined;
  }
}
