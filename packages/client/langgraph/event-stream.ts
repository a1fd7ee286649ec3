import type { Event, EventStream, Filter, Sent } from "./wire.ts";

export interface OpenStream extends EventStream {
  send(events: readonly Sent[]): void;
}

/** The events of the channels that a reader has subscribed to, in order, until it closes the stream. */
export function eventStream({ channels }: Filter, closed: () => void): OpenStream {
  const wanted = new Set<string>(channels);
  const waiting: Event[] = [];
  let wake = () => {};
  let isClosed = false;

  return {
    ready: Promise.resolve(),
    events: {
      async *[Symbol.asyncIterator]() {
        while (!isClosed) {
          const next = waiting.shift();
          if (next) yield next;
          else await new Promise<void>((resolve) => (wake = resolve));
        }
      },
    },
    send(events) {
      waiting.push(...events.filter(({ channel }) => wanted.has(channel)).map(({ event }) => event));
      wake();
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      wake();
      closed();
    },
  };
}
