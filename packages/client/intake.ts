import type { Channel } from "phoenix";

import type { Answer } from "./answer.ts";
import { ConversationError, turnFailed } from "./error.ts";
import { Feeds } from "./feeds.ts";
import type { Tell } from "./listeners.ts";
import type { Joined, ServerEvents } from "./protocol.ts";
import { type NewText, Seen } from "./seen.ts";
import type { Connection } from "./store/state.ts";

/** The events of a conversation, including turns started on other devices. Nothing is reported twice. */
export interface ConversationEvents extends Omit<ServerEvents, "response_delta" | "reasoning_delta" | "error"> {
  /** After the first join and after every rejoin. */
  joined: Joined;
  text: NewText;
  /** The model's reasoning. Only with `preferences: { include_reasoning: true }`. */
  reasoning: NewText;
  /** A turn failed. */
  failed: ServerEvents["error"] & { turn_id: string };
  /** The server ended this device's membership, for example because too many devices have joined. Nothing more comes. */
  closed: ConversationError;
  connection: Connection;
}

export type ConversationListeners = {
  [Event in keyof ConversationEvents]?: (payload: ConversationEvents[Event]) => void;
};

/** Receives the server's events, drops duplicates, and passes the rest on to the listeners and to the feeds of `ask`. */
export function intake(tell: Tell<ConversationEvents>) {
  const seen = new Seen();
  const feeds = new Feeds();
  let sessionId: string | undefined;
  let lastRefusal: string | undefined;

  function reset(payload: ConversationEvents["conversation_reset"]): void {
    if (payload.session_id === sessionId) return; // already known from the join's reply
    sessionId = payload.session_id;
    seen.reset();
    feeds.failAll(new ConversationError("reset", "The conversation was reset."));
    tell("conversation_reset", payload);
  }

  function joined(reply: Joined): void {
    const { session_id } = reply;
    // `conversation_reset` is not resent to devices that were away.
    if (sessionId !== undefined && sessionId !== session_id) reset({ session_id, timestamp: new Date().toISOString() });
    sessionId = session_id;
    tell("joined", reply);
  }

  function thinking(event: ServerEvents["thinking"]): void {
    if (seen.hasEnded(event.turn_id)) return;
    feeds.at(event.turn_id).add({ type: "thinking", ...event });
    tell("thinking", event);
  }

  function show(text: NewText | undefined, type: "text" | "reasoning" = "text"): void {
    if (!text) return;
    feeds.at(text.turn_id).add({ type, ...text });
    tell(type, text);
  }

  /** `isPast`: the response comes from the history, because this page sent an old message again. */
  function answered(response: ServerEvents["response"], isPast = false): void {
    const { turn_id } = response;
    const rest = seen.rest(response);
    const isNew = seen.end(turn_id, isPast);
    if (isNew) show(rest);
    else if (!isPast) return;
    // If the old turn was replaced while this device was away, it has left the history and sends no more events.
    const { replaces } = response.metadata;
    if (replaces)
      feeds.close(replaces, (feed) => feed.fail(new ConversationError("replaced", "The turn was replaced.")));
    feeds.close(turn_id, (feed) => feed.end(response as Answer)); // its metadata fits its engine
    if (isNew) tell("response", response);
  }

  function failed(error: ConversationEvents["failed"], isPast = false): void {
    const isNew = seen.end(error.turn_id, isPast);
    if (!isNew && !isPast) return;
    feeds.close(error.turn_id, (feed) => feed.fail(turnFailed(error)));
    if (isNew) tell("failed", error);
  }

  /** An error without a turn belongs to a refused push, which already got an error reply. */
  function error({ turn_id, ...rest }: ServerEvents["error"]): void {
    if (turn_id !== undefined) failed({ turn_id, ...rest });
    else lastRefusal = rest.message;
  }

  return {
    feeds,
    joined,
    answered,
    failed,
    /** Why the server ended the membership. Its last `error` event has the reason. */
    closed(): ConversationError {
      const error = new ConversationError("left", lastRefusal ?? "The server closed this conversation.");
      tell("closed", error);
      return error;
    },
    /** Where to resume, for the next join. */
    get cursor() {
      return seen.cursor;
    },
    listenTo(channel: Channel): void {
      const on = <Event extends keyof ServerEvents>(event: Event, listener: (payload: ServerEvents[Event]) => void) =>
        channel.on(event, listener);
      on("thinking", thinking);
      on("response_delta", (event) => show(seen.piece(event)));
      on("reasoning_delta", (event) => show(seen.thought(event), "reasoning"));
      on("response", (event) => answered(event));
      on("error", error);
      on("conversation_reset", reset);
      for (const event of ["context_updated", "typing", "presence_state", "presence_diff"] as const) {
        on(event, (payload) => tell(event, payload));
      }
    },
  };
}
