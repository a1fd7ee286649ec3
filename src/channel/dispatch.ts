import type { z } from "zod";

import { ChannelError } from "../errors.ts";
import { type Inbound, inbound } from "./inbound.ts";
import type { Replies } from "./outbound.ts";
import { invalidPayload } from "./refusal.ts";

/** One handler per event; it returns the `ok` reply. */
export type Handlers = {
  [Event in keyof Inbound]: (payload: Inbound[Event]) => Promise<Answer<Replies[Event]>>;
};

export interface Answer<Response> {
  response: Response;
  /** Runs after the reply was sent. */
  after?: () => void;
}

/** One handler per schema; it gets the parsed payload. */
type HandlersFor<Schemas extends Record<string, z.ZodType>> = {
  [Event in keyof Schemas]: (payload: z.infer<Schemas[Event]>) => Promise<Answer<object>>;
};

/** Parses the payload and calls the event's handler. Throws a ChannelError for an unknown event or an invalid payload. */
export async function dispatch(handlers: Handlers, event: string, payload: unknown): Promise<Answer<object>> {
  return await dispatchBy(inbound, handlers, event, payload);
}

/** Like `dispatch`, for the schemas of another channel. */
export async function dispatchBy<Schemas extends Record<string, z.ZodType>>(
  schemas: Schemas,
  handlers: HandlersFor<Schemas>,
  event: string,
  payload: unknown,
): Promise<Answer<object>> {
  const schema = Object.hasOwn(schemas, event) ? schemas[event] : undefined;
  if (!schema) throw new ChannelError("unknown_event", `Unknown event ${JSON.stringify(event.slice(0, 100))}.`);
  if (payload instanceof Uint8Array)
    throw new ChannelError("invalid_payload", "This event expects JSON, not binary data.");
  const parsed = schema.safeParse(payload);
  if (!parsed.success) throw invalidPayload(parsed.error);
  return await handlers[event as keyof Schemas](parsed.data as z.infer<Schemas[keyof Schemas]>); // parsed by this event's own schema
}
