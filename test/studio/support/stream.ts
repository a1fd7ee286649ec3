import { createParser } from "eventsource-parser";

/** A response of the server. The tests check its shape. */
// biome-ignore lint/suspicious/noExplicitAny: foreign JSON that is only compared
export type Json = any;

/** The events of a run, as they arrive. */
export async function* stream(response: Response): AsyncGenerator<{ event: string; data: Json }> {
  let events: { event: string; data: Json }[] = [];
  const parser = createParser({ onEvent: ({ event = "", data }) => events.push({ event, data: JSON.parse(data) }) });
  for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    parser.feed(text);
    yield* events;
    events = [];
  }
}
