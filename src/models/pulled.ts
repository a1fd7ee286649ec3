/** Has what is pushed pulled. The pushing is aborted when nobody pulls any more. */
export async function* pulled<T>(
  push: (take: (item: T) => boolean, signal: AbortSignal) => Promise<void>,
): AsyncGenerator<T> {
  const controller = new AbortController();
  const items: T[] = [];
  let news = Promise.withResolvers<void>();
  const pushing = push((item) => {
    items.push(item);
    news.resolve();
    return true;
  }, controller.signal);
  const over = pushing.then(() => true);
  over.catch(() => {}); // which is thrown below, unless nobody pulls any more
  try {
    for (let isOver = false; !isOver; ) {
      isOver = (await Promise.race([over, news.promise])) === true;
      news = Promise.withResolvers();
      yield* items.splice(0);
    }
  } finally {
    controller.abort();
  }
}
