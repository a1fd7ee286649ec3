/** Runs a job of one conversation behind those asked for before it. */
export type Mailbox = <Result>(conversationId: string, job: () => Promise<Result>) => Promise<Result>;

/**
 * What changes a conversation happens in order: a job begins once whoever asked for the one before it has been answered, so that nobody hears
 * of a turn's end before its beginning. Different conversations do not wait for each other.
 */
export function mailbox(): Mailbox {
  const tails = new Map<string, Promise<void>>();

  return (conversationId, job) => {
    const before = tails.get(conversationId);
    const result = before ? before.then(job) : job();
    const tail = result
      .then(
        () => {},
        () => {}, // told to whoever asked
      )
      .then(answered)
      .then(() => {
        if (tails.get(conversationId) === tail) tails.delete(conversationId);
      });
    tails.set(conversationId, tail);
    return result;
  };
}

/** Whoever waits for a result goes on before this resolves. */
function answered(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
