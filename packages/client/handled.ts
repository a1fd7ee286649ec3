/** Marks a rejection as handled, so that callers such as click handlers may ignore the promise. */
export function handled<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {});
  return promise;
}
