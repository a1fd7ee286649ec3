import type { AgentServerAdapter } from "@langchain/langgraph-sdk";

/** The types of the SDK's protocol, as its adapter has them. */
export type Command = Parameters<AgentServerAdapter["send"]>[0];
export type RunStart = Extract<Command, { method: "run.start" }>["params"];
export type Reply = Awaited<ReturnType<AgentServerAdapter["send"]>>;
type OpenEventStream = NonNullable<AgentServerAdapter["openEventStream"]>;
export type Filter = Parameters<OpenEventStream>[0];
export type EventStream = ReturnType<OpenEventStream>;
export type Incoming = EventStream["events"] extends AsyncIterable<infer Message> ? Message : never;
export type Event = Extract<Incoming, { type: "event" }>;
export type Channel = Filter["channels"][number];

/** An event, and the channel whose readers get it. */
export interface Sent {
  event: Event;
  channel: Channel;
}

let last = 0;

/** An event with an id of its own: the SDK drops what it has seen before. */
export function event(method: Event["method"], data: unknown, channel: Channel = method as Channel): Sent {
  last += 1;
  const params = { namespace: [], timestamp: Date.now(), data };
  // The SDK types the data by the method.
  return { event: { type: "event", event_id: `turn-${last}`, seq: last, method, params } as unknown as Event, channel };
}
