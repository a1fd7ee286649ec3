import type { Feed, TurnEvent } from "./feed.ts";
import type { Replies } from "./protocol.ts";

/** A turn as the one who began it sees it: iterate over what happens in it, or await its response. */
export interface Turn extends AsyncIterable<TurnEvent> {
  /** The server's reply, once the message is on its disk. Rejects with a `ConversationError` when it was refused. */
  readonly accepted: Promise<Replies["message"]>;
  /** The answer. Rejects with a `ConversationError` when the message was refused or its turn has failed. */
  readonly response: Feed["response"];
  /** Ends the turn; what had arrived of its answer is its response. */
  stop(): Promise<Replies["stop"]>;
}

interface Beginning {
  accepted: Turn["accepted"];
  feed: Promise<Feed>;
  stop: (turnId: string) => Promise<Replies["stop"]>;
  signal?: AbortSignal;
}

export function turn({ accepted, feed, stop, signal }: Beginning): Turn {
  const response = feed.then((claimed) => claimed.response);
  const stopNow = async () => await stop((await accepted).turn_id);
  const stopQuietly = () => void stopNow().catch(() => {}); // the response tells what went wrong
  const ended = () => signal?.removeEventListener("abort", stopQuietly);
  response.then(ended, ended);
  signal?.addEventListener("abort", stopQuietly, { once: true });
  if (signal?.aborted) stopQuietly();
  return {
    accepted,
    response,
    stop: stopNow,
    async *[Symbol.asyncIterator]() {
      yield { type: "accepted", ...(await accepted) };
      yield* await feed;
    },
  };
}
