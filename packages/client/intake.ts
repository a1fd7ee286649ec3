import type { Channel } from "phoenix";

import { ConversationError, turnFailed } from "./error.ts";
import { Feeds } from "./feeds.ts";
import type { Joined, ServerEvents } from "./protocol.ts";
import { type NewText, Seen } from "./seen.ts";

/** What happens in a conversation, on whatever device it began: each turn's end once, and of its text only what is new. */
export interface ConversationEvents extends Omit<ServerEvents, "response_delta" | "error"> {
  /** After the first join, and after each one that follows a lost connection. */
  joined: Joined;
  text: NewText;
  /** A turn has failed. */
  failed: ServerEvents["error"] & { turn_id: string };
}

export type ConversationListeners = {
  [Event in keyof ConversationEvents]?: (payload: ConversationEvents[Event]) => void;
};

/** Whatever the server sends comes in here: it is told to the listeners and to those who asked, and nothing twice. */
export function intake(listeners: ConversationListeners) {
  const seen = new Seen();
  const feeds = new Feeds();
  let sessionId: string | undefined;

  function reset(payload: ConversationEvents["conversation_reset"]): void {
    if (payload.session_id === sessionId) return; // the join's reply has told it already
    sessionId = payload.session_id;
    seen.reset();
    feeds.failAll(new ConversationError("reset", "The conversation began anew."));
    listeners.conversation_reset?.(payload);
  }

  function joined(reply: Joined): void {
    const { session_id } = reply;
    // The event of a reset is not sent again to those who were away.
    if (sessionId !== undefined && sessionId !== session_id) reset({ session_id, timestamp: new Date().toISOString() });
    sessionId = session_id;
    listeners.joined?.(reply);
  }

  function thinking(event: ServerEvents["thinking"]): void {
    if (seen.isOver(event.turn_id)) return;
    feeds.at(event.turn_id).see({ type: "thinking", ...event });
    listeners.thinking?.(event);
  }

  function show(text: NewText | undefined): void {
    if (!text) return;
    feeds.at(text.turn_id).see({ type: "text", ...text });
    listeners.text?.(text);
  }

  /** `isPast`: the history tells it, to somebody who asked again. */
  function answered(response: ServerEvents["response"], isPast = false): void {
    const { turn_id } = response;
    const rest = seen.rest(response);
    const isNew = seen.end(turn_id, isPast);
    if (isNew) show(rest);
    else if (!isPast) return;
    feeds.close(turn_id, (feed) => feed.end(response));
    if (isNew) listeners.response?.(response);
  }

  function failed(error: ConversationEvents["failed"], isPast = false): void {
    const isNew = seen.end(error.turn_id, isPast);
    if (!isNew && !isPast) return;
    feeds.close(error.turn_id, (feed) => feed.fail(turnFailed(error)));
    if (isNew) listeners.failed?.(error);
  }

  /** Without a turn it is a refused push, whose reply has told it already. */
  function error({ turn_id, ...rest }: ServerEvents["error"]): void {
    if (turn_id !== undefined) failed({ turn_id, ...rest });
  }

  return {
    feeds,
    joined,
    answered,
    failed,
    /** For the next join. */
    get cursor() {
      return seen.cursor;
    },
    from(channel: Channel): void {
      const on = <Event extends keyof ServerEvents>(event: Event, see: (payload: ServerEvents[Event]) => void) =>
        channel.on(event, see);
      on("thinking", thinking);
      on("response_delta", (event) => show(seen.piece(event)));
      on("response", (event) => answered(event));
      on("error", error);
      on("conversation_reset", reset);
      on("context_updated", (event) => listeners.context_updated?.(event));
      on("typing", (event) => listeners.typing?.(event));
      on("presence_state", (event) => listeners.presence_state?.(event));
      on("presence_diff", (event) => listeners.presence_diff?.(event));
    },
  };
}
