/** Marks a rejection as handled: a click handler, for example, may ignore the promise. */
export function handled<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {});
  return promise;
}
