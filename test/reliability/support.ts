import type { Client, Conversation, Payload } from "../support/client.ts";
import type { Delta, Response } from "../support/payload.ts";
import { size } from "../support/size.ts";

export { simple } from "../support/conversation.ts";
export { unlimited } from "../support/start.ts";

/** Seed of the random faults: fixed in `npm test`, new each time in `npm run test:long`. `TEST_SEED=<n>` repeats a run. */
export const seed = Number(process.env.TEST_SEED ?? size(20261123, Math.floor(Math.random() * 1e9)));

/** Prints a measurement. */
export function figures(what: string, values: object): void {
  process.stdout.write(`${what}: ${JSON.stringify(values)}\n`);
}

/** The percentile of the values (nearest rank). */
export function percentile(values: number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const index = Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1);
  return Math.round((sorted[index] ?? Number.NaN) * 10) / 10;
}

/** Joins as a client with a cursor: each rejoin tells what it has seen. */
export async function joinWithCursor(client: Client, id: string): Promise<Conversation> {
  let joined: Conversation | undefined;
  const conversation = await client.join(id, () => {
    const cursor = joined && cursorOf(joined.events);
    return cursor ? { resume: cursor } : {};
  });
  joined = conversation;
  return conversation;
}

/** The cursor after these events: in mid-turn the offset in its text, otherwise the turn that ended last. */
function cursorOf(events: Conversation["events"]): { turn_id: string; offset?: number } | undefined {
  for (const { event, payload } of events.toReversed()) {
    if (!payload.turn_id) continue;
    const { turn_id } = payload;
    if (event === "response" || event === "error") return { turn_id };
    if (event === "response_delta") return { turn_id, offset: payload.offset + payload.text.length };
    const shown = events.findLast((one) => one.event === "response_delta" && one.payload.turn_id === turn_id);
    if (event === "thinking") return { turn_id, offset: shown ? shown.payload.offset + shown.payload.text.length : 0 };
  }
  return undefined;
}

/** Pushes until there is a reply, because the connection may drop at any moment. `message` needs an `id`. */
export async function insist<Event extends string>(
  conversation: Conversation,
  event: Event,
  payload: object,
): Promise<Response<Event>> {
  for (;;) {
    const { status, response } = await conversation.push(event, payload, 1000);
    if (status === "ok") return response;
    if (status === "error") throw new Error(`${event}: ${JSON.stringify(response)}`);
  }
}

export function deltasOf({ events }: Conversation, turnId: string): Delta[] {
  const isDelta = ({ event, payload }: { event: string; payload: Payload }) =>
    event === "response_delta" && payload.turn_id === turnId;
  return events.filter(isDelta).map(({ payload }) => payload);
}

/** The server's event loop lag in ms since the last call, from its metrics. */
export async function loopLag(http: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${http}/metrics`)).text();
  const found = text.matchAll(/^nodejs_eventloop_lag_(mean|p50|p99|max)_seconds\S* (\S+)$/gm);
  return Object.fromEntries([...found].map(([, name, seconds]) => [name, Math.round(Number(seconds) * 1000)]));
}

/** The bytes waiting to be sent to the slowest client, from the server's metrics. */
export async function largestBacklog(http: string): Promise<number> {
  const text = await (await fetch(`${http}/metrics`)).text();
  return Number(/^socket_backlog_bytes (\S+)$/m.exec(text)?.[1]);
}
