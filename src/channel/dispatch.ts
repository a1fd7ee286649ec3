import type { z } from "zod";

import { ChannelError } from "../errors.ts";
import { type Inbound, inbound } from "./inbound.ts";
import type { Replies } from "./outbound.ts";
import { invalidPayload } from "./refusal.ts";

/** One short function for each event; it answers the `ok` reply. */
export type Handlers = {
  [Event in keyof Inbound]: (payload: Inbound[Event]) => Promise<Answer<Replies[Event]>>;
};

/** A reply, and what has to come after it on the wire. */
export interface Answer<Response> {
  response: Response;
  after?: () => void;
}

/** A handler for each schema: it is given what its own schema made of the payload. */
type HandlersFor<Schemas extends Record<string, z.ZodType>> = {
  [Event in keyof Schemas]: (payload: z.infer<Schemas[Event]>) => Promise<Answer<object>>;
};

/** From a name and an unknown payload to the one handler. Throws a ChannelError for what does not fit. */
export async function dispatch(handlers: Handlers, event: string, payload: unknown): Promise<Answer<object>> {
  return await dispatchBy(inbound, handlers, event, payload);
}

/** As `dispatch`, by the schemas of another channel. */
export async function dispatchBy<Schemas extends Record<string, z.ZodType>>(
  schemas: Schemas,
  handlers: HandlersFor<Schemas>,
  event: string,
  payload: unknown,
): Promise<Answer<object>> {
  const schema = Object.hasOwn(schemas, event) ? schemas[event] : undefined;
  if (!schema) throw new ChannelError("unknown_event", `There is no event ${JSON.stringify(event.slice(0, 100))}.`);
  if (payload instanceof Uint8Array) throw new ChannelError("invalid_payload", "This event takes JSON, not bytes.");
  const parsed = schema.safeParse(payload);
  if (!parsed.success) throw invalidPayload(parsed.error);
  return await handlers[event as keyof Schemas](parsed.data as z.infer<Schemas[keyof Schemas]>); // parsed by this event's own schema
}
