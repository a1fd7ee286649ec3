/** Channels may answer at once or later; an answer at once keeps its place among the frames of one read. */
export function isThenable<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as { then?: unknown } | undefined | null)?.then === "function";
}
