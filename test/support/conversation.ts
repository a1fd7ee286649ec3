import type { Channel, Socket } from "phoenix";

import type { Delta, End, EventPayload, Joined, Payload, Refusal, Response, Thinking } from "./payload.ts";
import { watch } from "./watch.ts";

/** Options of a message that skips routing. */
export const simple = { options: { engine: "simple" } };

export interface Received {
  event: string;
  payload: Payload;
  /** `performance.now()` */
  at: number;
}

export interface PushReply<Event extends string> {
  status: "ok" | "error" | "timeout";
  response: Response<Event>;
}

/** Everything that a member has seen of one turn. */
export interface TurnSeen {
  turnId: string;
  thinking: Thinking[];
  deltas: Delta[];
  /** The deltas, joined. */
  text: string;
  terminal: { event: "response" | "error" | "conversation_reset"; payload: End };
  /** In order, including the terminal event. */
  events: Received[];
}

export class JoinRefused extends Error {
  readonly response: Refusal;
  constructor(topic: string, response: Refusal) {
    super(`join of ${topic} refused: ${JSON.stringify(response)}`);
    this.name = "JoinRefused";
    this.response = response;
  }
}

export type Conversation = Awaited<ReturnType<typeof joinConversation>>;

export async function joinConversation(socket: Socket, topic: string, params: object | (() => object)) {
  const channel = socket.channel(topic, params);
  const events: Received[] = [];
  const taken = new WeakSet<Received>();
  const joins: Joined[] = [];
  const watched = watch();

  channel.onMessage = (event: string, payload: Payload) => {
    const isReply = event === "phx_reply" || event.startsWith("chan_reply_");
    if (!isReply) {
      events.push({ event, payload: payload ?? ({} as Payload), at: performance.now() });
      watched.notify();
    }
    return payload;
  };
  await joined(channel, joins);

  const saw = () => `saw ${summary(events)}`;

  return {
    channel,
    topic,
    /** All events from the server in order, without replies. */
    events,
    /** The replies to the join and to each rejoin. */
    joins,
    /** Returns the reply, `ok` or `error`; never rejects. */
    push<Event extends string>(event: Event, payload: object = {}, timeoutMs?: number): Promise<PushReply<Event>> {
      return settled(channel.push(event, payload, timeoutMs));
    },
    /** The next event of this name that was not yet returned, already received or not. */
    async next<Event extends string>(
      event: Event,
      matches: (payload: EventPayload<Event>) => boolean = () => true,
      timeoutMs = 10_000,
    ): Promise<EventPayload<Event>> {
      const payloadOf = (one: Received) => one.payload as EventPayload<Event>; // of this event
      const find = () => {
        const found = events.find((one) => one.event === event && !taken.has(one) && matches(payloadOf(one)));
        if (found) taken.add(found);
        return found;
      };
      return payloadOf(await watched.until(find, timeoutMs, () => `no "${event}"; ${saw()}`));
    },
    /** Sends a message and waits for the end of its turn. Throws if the message is refused. */
    async ask(
      content: string,
      extra: object = {},
      timeoutMs = 10_000,
    ): Promise<TurnSeen & { reply: Response<"message"> }> {
      const { status, response } = await settled<"message">(channel.push("message", { content, ...extra }));
      if (status !== "ok") throw new Error(`message: ${status} ${JSON.stringify(response)}`);
      return { reply: response, ...(await this.turn(response.turn_id, timeoutMs)) };
    },
    /** Waits for the end of a turn, including what has already arrived. */
    async turn(turnId: string, timeoutMs = 10_000): Promise<TurnSeen> {
      const end = await watched.until(
        () => endOf(turnId, events),
        timeoutMs,
        () => `no end of turn ${turnId}; ${saw()}`,
      );
      const upToEnd = events.slice(0, events.indexOf(end) + 1);
      const seen = upToEnd.filter((one) => one === end || one.payload.turn_id === turnId);
      for (const one of seen) if (one.event !== "conversation_reset") taken.add(one);
      return seenTurn(turnId, seen, end);
    },
    /** The `response` and `error` events of a turn so far. */
    terminals(turnId: string): Received[] {
      return events.filter((one) => isEndOf(turnId, one));
    },
    async leave(): Promise<void> {
      await settled<string>(channel.leave());
    },
  };
}

async function joined(channel: Channel, joins: Joined[]): Promise<void> {
  const push = channel.join();
  push.receive("ok", (response) => void joins.push(response));
  const { status, response } = await settled<string>(push);
  if (status === "ok") return;
  channel.leave(); // otherwise it would retry forever
  throw new JoinRefused(channel.topic, status === "timeout" ? { ...response, message: "timeout" } : response);
}

function settled<Event extends string>(push: ReturnType<Channel["push"]>): Promise<PushReply<Event>> {
  const { promise, resolve } = Promise.withResolvers<PushReply<Event>>();
  for (const status of ["ok", "error", "timeout"] as const) {
    push.receive(status, (response: Response<Event>) => resolve({ status, response }));
  }
  return promise;
}

function isEndOf(turnId: string, { event, payload }: Received): boolean {
  return (event === "response" || event === "error") && payload.turn_id === turnId;
}

/** The turn's terminal event, or the reset that came after its first event. */
function endOf(turnId: string, events: Received[]): Received | undefined {
  const start = events.findIndex(({ payload }) => payload.turn_id === turnId);
  if (start < 0) return undefined;
  const own = events.find((one) => isEndOf(turnId, one));
  return own ?? events.find(({ event }, index) => index > start && event === "conversation_reset");
}

function seenTurn(turnId: string, events: Received[], end: Received): TurnSeen {
  const named = (name: string) => events.filter(({ event }) => event === name).map(({ payload }) => payload);
  const deltas: Delta[] = named("response_delta");
  // endOf() lets only these three names through.
  const terminal = { event: end.event as TurnSeen["terminal"]["event"], payload: end.payload };
  return { turnId, thinking: named("thinking"), deltas, text: answerText(deltas), terminal, events };
}

/** Joins deltas like a client. Throws if they leave a gap or overlap. */
export function answerText(deltas: Pick<Delta, "offset" | "text" | "restart">[]): string {
  let text = "";
  for (const [index, { offset, text: piece, restart }] of deltas.entries()) {
    if (restart && offset !== 0) throw new Error(`delta ${index} restarts at offset ${offset}`);
    if (restart) text = "";
    if (offset !== text.length) throw new Error(`delta ${index} has offset ${offset} after ${text.length} units`);
    text += piece;
  }
  return text;
}

function summary(events: Received[]): string {
  const shown = events.slice(-20).map(({ event, payload }) => `${event} ${JSON.stringify(payload).slice(0, 120)}`);
  return events.length === 0 ? "nothing" : `${events.length} events, the last: ${shown.join("; ")}`;
}
