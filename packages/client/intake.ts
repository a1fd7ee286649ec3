import type { Channel } from "phoenix";

import type { Answer } from "./answer.ts";
import { ConversationError, turnFailed } from "./error.ts";
import type { TurnEvent } from "./feed.ts";
import { Feeds } from "./feeds.ts";
import type { Tell } from "./listeners.ts";
import type { Joined, ServerEvents } from "./protocol.ts";
import { type NewText, Seen } from "./seen.ts";
import type { Connection } from "./store/state.ts";

/**
 * The events of a conversation, including turns started on other devices. No text and no end of a turn is reported twice. A
 * rejoin reports the stage, the tool calls and the open requests of the running turn again; an `input_requested` without
 * requests says that they were answered meanwhile.
 */
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

/** What is told of a turn as it comes. */
type Happening = "thinking" | "text" | "reasoning" | "tool_call" | "custom" | "input_requested" | "input_answered";

/** Receives the server's events, drops duplicates, and passes the rest on to the listeners and to the feeds of `ask`. */
export function intake(tell: Tell<ConversationEvents>) {
  const seen = new Seen();
  const feeds = new Feeds();
  let sessionId: string | undefined;
  let lastRefusal: string | undefined;
  /** The turn that waits for a person, as far as this device knows. */
  let waiting: string | undefined;
  /** The running turn, until a join has told what it waits for. */
  let untold: string | undefined;

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
    untold = reply.running_turn?.turn_id;
    tell("joined", reply);
  }

  function happened<Type extends Happening>(type: Type, event: ConversationEvents[Type] | undefined): void {
    if (!event || seen.hasEnded(event.turn_id)) return;
    feeds.at(event.turn_id).add({ type, ...event } as TurnEvent); // of that type
    tell(type, event);
  }

  function requested(event: ServerEvents["input_requested"]): void {
    waiting = event.turn_id;
    untold = undefined;
    happened("input_requested", event);
  }

  /** `isPast`: the response comes from the history, because this page sent an old message again. */
  function answered(response: ServerEvents["response"], isPast = false): void {
    const { turn_id } = response;
    happened("text", seen.rest(response));
    const isNew = seen.end(turn_id, isPast);
    if (!isNew && !isPast) return;
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
  function error(event: ServerEvents["error"]): void {
    if (event.turn_id === undefined) lastRefusal = event.message;
    else failed(event as ConversationEvents["failed"]);
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
      for (const event of ["thinking", "tool_call", "custom", "input_answered"] as const) {
        on(event, (payload) => happened(event, payload));
      }
      on("input_requested", requested);
      on("response_delta", (event) => happened("text", seen.piece(event)));
      on("reasoning_delta", (event) => happened("reasoning", seen.thought(event)));
      on("response", (event) => answered(event));
      on("error", error);
      on("conversation_reset", reset);
      for (const event of ["context_updated", "typing", "presence_state", "presence_diff"] as const) {
        on(event, (payload) => tell(event, payload));
      }
      // The last thing that a join tells. A turn that was waiting and has not asked again was answered meanwhile.
      on("presence_state", () => {
        if (untold && untold === waiting) requested({ turn_id: untold, requests: [] });
      });
    },
  };
}
