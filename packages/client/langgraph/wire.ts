import type { Block } from "./values.ts";

/*
 * What crosses the adapter, in the terms of the Agent Streaming Protocol. The SDK's own types are not used: they differ between
 * its versions, and a page may have two of them.
 */

export type Command = { id: number; method: string; params: unknown };

export type Reply =
  | { type: "success"; id: number; result: { run_id: string } | object }
  | { type: "error"; id: number; error: "not_supported"; message: string };

export type RunStart = {
  input?: unknown;
  config?: { configurable?: { checkpoint_id?: string } & Record<string, unknown> };
  multitaskStrategy?: string;
};

export type Respond =
  | { interrupt_id: string; response: unknown }
  | { responses: readonly { interrupt_id: string; response: unknown }[] };

export type Filter = { channels: readonly string[] };

export type EventStream = { events: AsyncIterable<Event>; ready: Promise<void>; close(): void };

export type Delta = { type: "text-delta"; text: string } | { type: "reasoning-delta"; reasoning: string };

interface Data {
  messages:
    | { event: "message-start"; role: "ai"; id: string }
    | { event: "content-block-start" | "content-block-finish"; index: number; content: Block }
    | { event: "content-block-delta"; index: number; delta: Delta }
    | { event: "message-finish"; responseMetadata?: object };
  values: object;
  checkpoints: { id: string; parent_id?: string; step: number; source: "loop" };
  lifecycle: { event: "running" | "completed" | "interrupted" } | { event: "failed"; error: string };
  "input.requested": { interrupt_id: string; payload: unknown };
  tools: { tool_call_id: string; tool_name: string } & (
    | { event: "tool-started"; input: unknown }
    | { event: "tool-finished"; output: unknown }
    | { event: "tool-error"; message: string }
  );
}

export type EventOf<Method extends keyof Data> = {
  type: "event";
  event_id: string;
  seq: number;
  method: Method;
  params: { namespace: string[]; timestamp: number; data: Data[Method] };
};

export type Event = { [Method in keyof Data]: EventOf<Method> }[keyof Data];

type Channel = Exclude<keyof Data, "input.requested"> | "input";

/** An event, and the channel whose readers get it. */
export interface Sent {
  event: Event;
  channel: Channel;
}

let last = 0;

/** An event with an id of its own: the SDK drops what it has seen before. */
export function event<Method extends keyof Data>(
  method: Method,
  data: Data[Method],
  channel: Channel = method === "input.requested" ? "input" : method,
): Sent {
  last += 1;
  const params = { namespace: [], timestamp: Date.now(), data };
  const made: EventOf<Method> = { type: "event", event_id: `turn-${last}`, seq: last, method, params };
  return { event: made as Event, channel }; // one of the union, whichever the method is
}
