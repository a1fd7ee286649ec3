import type { Feed, TurnEvent } from "./feed.ts";
import { handled } from "./handled.ts";
import type { ClientEvents, Replies } from "./protocol.ts";

/** A turn started by this page. Iterate over its events, or await `response`. */
export interface Turn extends AsyncIterable<TurnEvent> {
  /** The server's reply once it has stored the message. Rejects with a `ConversationError` if it is refused. */
  readonly accepted: Promise<Replies["message"]>;
  /** The answer. Rejects with a `ConversationError` if the message is refused or the turn fails. */
  readonly response: Feed["response"];
  /** Answers what the turn asked with `input_requested`. Rejects with `not_found` if another device was first. */
  respond(responses: ClientEvents["respond"]["responses"]): Promise<void>;
  /** Stops the turn. Its response is the text written so far. */
  stop(): Promise<Replies["stop"]>;
}

interface Beginning {
  accepted: Turn["accepted"];
  feed: Promise<Feed>;
  respond: (turnId: string, responses: ClientEvents["respond"]["responses"]) => Promise<void>;
  stop: (turnId: string) => Promise<Replies["stop"]>;
  signal?: AbortSignal;
}

export function turn({ accepted, feed, respond, stop, signal }: Beginning): Turn {
  const response = feed.then((claimed) => claimed.response);
  const stopNow = async () => await stop((await accepted).turn_id);
  const stopQuietly = () => void handled(stopNow()); // `response` reports what went wrong
  const ended = () => signal?.removeEventListener("abort", stopQuietly);
  response.then(ended, ended);
  signal?.addEventListener("abort", stopQuietly, { once: true });
  if (signal?.aborted) stopQuietly();
  return {
    accepted,
    response,
    respond: async (responses) => respond((await accepted).turn_id, responses),
    stop: () => handled(stopNow()),
    async *[Symbol.asyncIterator]() {
      yield { type: "accepted", ...(await accepted) };
      yield* await feed;
    },
  };
}
