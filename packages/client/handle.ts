import type { Channel } from "phoenix";

import type { ConversationEvents, ConversationListeners } from "./intake.ts";
import type { ClientEvents, Joined, JoinParams, Replies } from "./protocol.ts";
import type { ConversationStore, FileFacts } from "./store/state.ts";
import type { Turn } from "./turn.ts";
import type { TextStorage } from "./unsent.ts";

export interface ConversationOptions extends Pick<JoinParams, "user_id" | "preferences"> {
  on?: ConversationListeners;
  /** Where messages are kept until they are confirmed. Default: the tab's `sessionStorage`, if there is one. */
  storage?: TextStorage | null;
}

/** An open conversation. */
export interface Conversation {
  /** The Phoenix channel, for anything not wrapped here. */
  readonly channel: Channel;
  /** The first join's reply. Rejects with a `ConversationError` if the join is refused permanently. */
  readonly joined: Promise<Joined>;
  /** Everything to show. It is created when it is first used, and then loads the history by itself. */
  readonly store: ConversationStore;
  /**
   * Adds a listener, until the returned function is called. It is called at once with what still matters: the connection,
   * the last join, who is present, and all events of unfinished turns.
   */
  on<Event extends keyof ConversationEvents>(
    event: Event,
    listener: (payload: ConversationEvents[Event]) => void,
  ): () => void;
  /** Joins again with other preferences. Running turns continue, and no text is lost. */
  setPreferences(preferences: JoinParams["preferences"]): Promise<Joined>;
  /** Sends a message and returns its turn. Resends it until the server confirms it. */
  ask(content: string, options?: AskOptions): Turn;
  /** Answers a turn again. Default: the last turn. Resent like a message. */
  regenerate(options?: AskOptions & Pick<ClientEvents["regenerate"], "turn_id">): Turn;
  /** Replaces a turn's message and answers it. Resent like a message. */
  edit(turnId: string, content: string, options?: AskOptions): Turn;
  /**
   * Answers what a waiting turn asked. It continues once all of its requests have an answer. Rejects with a
   * `ConversationError`: `not_found` if another device was first.
   */
  respond(turnId: string, responses: ClientEvents["respond"]["responses"]): Promise<void>;
  /** Stops a turn. Default: the running one. */
  stop(turnId?: string): Promise<Replies["stop"]>;
  /** Pushes any event and resolves to its reply. Rejects with a `ConversationError`. */
  push<Event extends keyof Replies>(event: Event, payload: ClientEvents[Event]): Promise<Replies[Event]>;
  /**
   * Leaves the conversation. Everything pending rejects with code `left`. Messages kept in the storage are sent in the
   * background while the socket is connected.
   */
  leave(): void;
}

export interface AskOptions extends Omit<ClientEvents["message"], "content" | "id" | "attachments"> {
  /** Uploaded files, at most 10. The results of `uploadFile` are shown before the server has confirmed the message. */
  attachments?: readonly (FileFacts | Pick<FileFacts, "file_id">)[];
  /** Identifies the message, so that the server accepts it only once. Default: a random id. */
  id?: string;
  /** Stops the turn. */
  signal?: AbortSignal;
}
