import { setTimeout as sleep } from "node:timers/promises";

import { LongPoll } from "phoenix";

import { type Client, type Conversation, connect } from "../../support/client.ts";
import type { PushReply, Received } from "../../support/conversation.ts";

/** What a phoenix.js client tells when it joins again: what it has seen, or nothing. */
export type Kind = "cursor" | "plain";

export interface Join {
  /** The number of events that it had seen before. */
  events: number;
  at: number;
}

export type Member = Awaited<ReturnType<typeof member>>;

interface MemberOptions {
  url: string;
  topic: string;
  kind: Kind;
  apiKey?: string;
  /** Comes back in 10 ms after each loss, instead of waiting as long as phoenix.js does. */
  isImpatient?: boolean;
  isLongPoll?: boolean;
}

const impatient = { reconnectAfterMs: () => 10, rejoinAfterMs: () => 50 };

/** Refusals after which the same message may be sent again. */
const passing = ["busy", "draining"];

/** A client with the stock phoenix.js, which comes back by itself. */
export async function member({ url, topic, kind, apiKey = "key-a", isImpatient, isLongPoll }: MemberOptions) {
  const socketOptions = { ...(isImpatient && impatient), ...(isLongPoll && { transport: LongPoll }) };
  const client: Client = await insistently(() => connect(url, { apiKey, socketOptions }));
  const joins: Join[] = [];
  let joined: Conversation | undefined;
  const conversation = await client.join(topic, () => {
    joins.push({ events: joined?.events.length ?? 0, at: performance.now() });
    const cursor = joined && kind === "cursor" ? cursorOf(joined.events) : undefined;
    return cursor ? { resume: cursor } : {};
  });
  joined = conversation;

  return {
    kind,
    client,
    conversation,
    events: conversation.events,
    joins,
    /** Sends a message until it is accepted. Resolves to the id of its turn. */
    async send(name: string, content: string, options: object): Promise<string> {
      for (;;) {
        const { status, response }: PushReply<"message"> = await conversation.push(
          "message",
          { content, id: name, options },
          2000,
        );
        if (status === "ok") return response.turn_id;
        if (status === "error" && !passing.includes(response.reason)) throw new Error(JSON.stringify(response));
        await sleep(100);
      }
    },
    /** Pushes until there is a reply. */
    async ask<Event extends string>(event: Event, payload: object): Promise<PushReply<Event>["response"]> {
      for (;;) {
        const { status, response } = await conversation.push(event, payload, 2000);
        if (status === "ok") return response;
        if (status === "error" && !passing.includes(response.reason)) throw new Error(JSON.stringify(response));
        await sleep(100);
      }
    },
    async close(): Promise<void> {
      client.socket.disconnect();
    },
  };
}

/** The first node that answers may be on its way out. */
async function insistently<T>(attempt: () => Promise<T>): Promise<T> {
  const until = performance.now() + 20_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(50);
    }
  }
}

/** In mid-turn the offset in its text, otherwise the turn that ended last. */
function cursorOf(events: readonly Received[]): { turn_id: string; offset?: number } | undefined {
  for (const { event, payload } of events.toReversed()) {
    const { turn_id } = payload;
    if (!turn_id || payload.stage === "queued") continue;
    if (event === "response" || event === "error") return { turn_id };
    const shown = events.findLast((one) => one.event === "response_delta" && one.payload.turn_id === turn_id);
    return { turn_id, offset: shown ? shown.payload.offset + shown.payload.text.length : 0 };
  }
  return undefined;
}
