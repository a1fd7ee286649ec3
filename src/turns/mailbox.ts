/** Queues a job behind the earlier jobs of the same conversation. */
export type Mailbox = <Result>(conversationId: string, job: () => Promise<Result>) => Promise<Result>;

/**
 * Runs the jobs of a conversation one at a time. The next job starts only after the caller of the previous one has seen its result, so no client
 * hears of a turn's end before its start. Different conversations do not wait for each other.
 */
export function mailbox(): Mailbox {
  const tails = new Map<string, Promise<void>>();

  return (conversationId, job) => {
    const before = tails.get(conversationId);
    const result = before ? before.then(job) : job();
    const tail = result
      .then(
        () => {},
        () => {}, // the caller gets the error
      )
      .then(callerHasContinued)
      .then(() => {
        if (tails.get(conversationId) === tail) tails.delete(conversationId);
      });
    tails.set(conversationId, tail);
    return result;
  };
}

function callerHasContinued(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
