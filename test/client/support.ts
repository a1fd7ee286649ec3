import { Socket } from "phoenix";
import { WebSocket } from "ws";

import {
  type Conversation,
  type ConversationEvents,
  type ConversationOptions,
  conversation,
  type Turn,
  type TurnEvent,
} from "../../packages/client/conversation.ts";
import { watch } from "../support/watch.ts";

export interface Told {
  event: keyof ConversationEvents;
  payload: ConversationEvents[keyof ConversationEvents];
}

/** A page with the typed client. It records every event that its listeners get. */
export function page(
  url: string,
  id: string,
  options: ConversationOptions = {},
  apiKey: string | (() => string) = "key-a",
) {
  const transports: WebSocket[] = [];
  class Transport extends WebSocket {
    constructor(address: string, protocols?: string[]) {
      super(address, protocols);
      transports.push(this);
    }
  }
  const params = () => ({ api_key: typeof apiKey === "string" ? apiKey : apiKey() });
  const socket = new Socket(url, { transport: Transport, params, heartbeatIntervalMs: 150 });
  let heartbeats = 0;
  const heard = watch();
  socket.onMessage(({ topic }: { topic?: string }) => {
    if (topic !== "phoenix") return;
    heartbeats += 1;
    heard.notify();
  });
  socket.connect();
  const told: Told[] = [];
  const note = (event: Told["event"]) => (payload: Told["payload"]) => void told.push({ event, payload });
  const on = {
    joined: note("joined"),
    thinking: note("thinking"),
    text: note("text"),
    reasoning: note("reasoning"),
    response: note("response"),
    failed: note("failed"),
    conversation_reset: note("conversation_reset"),
  };
  const joined: Conversation = conversation(socket, id, { on, ...options });
  return {
    conversation: joined,
    told,
    named: <Event extends keyof ConversationEvents>(event: Event) =>
      // `note` above pairs every event with its payload.
      told.filter((one) => one.event === event).map(({ payload }) => payload as ConversationEvents[Event]),
    /** Opens another conversation on the same socket. */
    open: (otherId: string, otherOptions?: ConversationOptions) => conversation(socket, otherId, otherOptions),
    /** Drops the connection without a close frame; phoenix.js reconnects. */
    drop: () => transports.at(-1)?.terminate(),
    /** Resolves once the server has everything acknowledged that this page has seen. */
    async acknowledged(): Promise<void> {
      const enough = heartbeats + 3; // one may be on its way, and the second one after a push acknowledges it
      await heard.until(
        () => heartbeats >= enough || undefined,
        5000,
        () => `${heartbeats} of ${enough} heartbeats`,
      );
    },
    async [Symbol.asyncDispose]() {
      const transport = transports.at(-1);
      socket.disconnect();
      if (!transport || transport.readyState === WebSocket.CLOSED) return;
      await new Promise((resolve) => transport.once("close", resolve));
    },
  };
}

/** All events of a turn. Rejects if the turn does. */
export async function eventsOf(turn: Turn): Promise<TurnEvent[]> {
  return await Array.fromAsync(turn);
}

/** The text that a page shows if it appends each delta and starts over at a restart. */
export function shown(events: TurnEvent[]): string {
  return joined(events, "text");
}

/** The same for the reasoning. */
export function reasoned(events: TurnEvent[]): string {
  return joined(events, "reasoning");
}

function joined(events: TurnEvent[], type: "text" | "reasoning"): string {
  return events.reduce((text, event) => {
    if (event.type !== type) return text;
    return event.restart ? event.delta : text + event.delta;
  }, "");
}
