/** Tells synchronous results from promises, so that synchronous replies are sent in the order of the frames. */
export function isThenable<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | undefined | null)?.then === "function";
}
