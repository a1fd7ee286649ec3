/** Turns a source that pushes items into an async generator. The signal aborts when the consumer stops. */
export async function* pulled<T>(
  source: (push: (item: T) => boolean, signal: AbortSignal) => Promise<void>,
): AsyncGenerator<T> {
  const controller = new AbortController();
  const items: T[] = [];
  let arrived = Promise.withResolvers<void>();
  const pushing = source((item) => {
    items.push(item);
    arrived.resolve();
    return true;
  }, controller.signal);
  const done = pushing.then(() => true);
  done.catch(() => {}); // thrown below, unless the consumer has stopped
  try {
    for (let isDone = false; !isDone; ) {
      isDone = (await Promise.race([done, arrived.promise])) === true;
      arrived = Promise.withResolvers();
      yield* items.splice(0);
    }
  } finally {
    controller.abort();
  }
}
