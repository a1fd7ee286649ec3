import { ChannelError } from "../errors.ts";
import { type Inbound, type InboundEvent, inbound } from "./inbound.ts";
import type { Replies } from "./outbound.ts";
import { invalidPayload } from "./refusal.ts";

/** One short function for each event; it answers the `ok` reply. */
export type Handlers = {
  [Event in InboundEvent]: (payload: Inbound[Event]) => Promise<Answer<Replies[Event]>>;
};

/** A reply, and what has to come after it on the wire. */
export interface Answer<Response> {
  response: Response;
  after?: () => void;
}

/** From a name and an unknown payload to the one handler. Throws a ChannelError for what does not fit. */
export async function dispatch(handlers: Handlers, event: string, payload: unknown): Promise<Answer<object>> {
  if (!isInbound(event))
    throw new ChannelError("unknown_event", `There is no event ${JSON.stringify(event.slice(0, 100))}.`);
  if (payload instanceof Uint8Array) throw new ChannelError("invalid_payload", "This event takes JSON, not bytes.");
  return await handle(handlers, event, payload);
}

async function handle<Event extends InboundEvent>(handlers: Handlers, event: Event, payload: unknown) {
  const parsed = inbound[event].safeParse(payload);
  if (!parsed.success) throw invalidPayload(parsed.error);
  return await handlers[event](parsed.data as Inbound[Event]); // parsed by this event's own schema
}

function isInbound(event: string): event is InboundEvent {
  return Object.hasOwn(inbound, event);
}
