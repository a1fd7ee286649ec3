import type { Channel } from "phoenix";

import { ConversationError, replyTo } from "./error.ts";
import { bytesOf, refusalOf } from "./frame.ts";
import type { Tell } from "./listeners.ts";
import type { ClientEvents, Replies } from "./protocol.ts";

type Event = "message" | "edit" | "regenerate";

/** What is sent until it is confirmed. The server accepts each id once. */
export type Delivery = { [Kind in Event]: { event: Kind; payload: ClientEvents[Kind] & { id: string } } }[Event];

/** The reply to each; `replaces` comes with `edit` and `regenerate`. */
export type Acceptance = Replies["message"] & { replaces?: string };

export interface DeliveryEvents {
  sending: Delivery;
  accepted: { id: string; reply: Acceptance };
  refused: { id: string; error: ConversationError };
  /** A message after the conversation was closed. It is not sent. */
  late: { id: string; delivery: Delivery; error: ConversationError };
}

interface Unconfirmed {
  delivery: Delivery;
  bytes: number;
  /** On the current connection. */
  isSent: boolean;
  /** How many connections were lost after it was sent. */
  losses: number;
  reply: PromiseWithResolvers<Acceptance>;
}

/** The close code for a frame that is too large. */
const frameTooLarge = 1009;

/** Some proxies close the connection without a code when a frame is too large. Smaller frames are never the suspected cause. */
const suspectBytes = 65_536;
const maxLosses = 3;

/** Refusals after which the message is sent again: the server is restarting, timed out, or could not write at the moment. */
function isTemporary(error: ConversationError): boolean {
  const { code } = error;
  return code === "draining" || code === "timeout" || (code === "busy" && waitOf(error) > 0);
}

/** When to send again, in ms. */
function waitOf({ details }: ConversationError): number {
  return Number(details.retry_after_ms ?? 0);
}

/**
 * Messages that the server has not confirmed yet. Each has its own id, so it can be resent after a lost connection
 * without being answered twice. `tell` reports what happens to each.
 */
export function outbox(channel: Channel, tell: Tell<DeliveryEvents>) {
  const unconfirmed = new Map<string, Unconfirmed>();
  let closed: ConversationError | undefined;

  async function transmit(entry: Unconfirmed): Promise<void> {
    const { delivery, reply } = entry;
    const { event, payload } = delivery;
    entry.isSent = true;
    try {
      const answer = await replyTo<Acceptance>(channel.push(event, payload));
      if (!unconfirmed.delete(payload.id)) return;
      tell("accepted", { id: payload.id, reply: answer });
      reply.resolve(answer);
    } catch (error) {
      if (!(error instanceof ConversationError)) throw error;
      if (!isTemporary(error)) refuse(entry, error);
      else if (error.code !== "draining") setTimeout(() => transmitAgain(entry), waitOf(error));
    }
  }

  function transmitAgain(entry: Unconfirmed): void {
    if (channel.state === "joined" && unconfirmed.has(entry.delivery.payload.id)) void transmit(entry);
  }

  function refuse({ delivery, reply }: Unconfirmed, error: ConversationError): void {
    const { id } = delivery.payload;
    if (!unconfirmed.delete(id)) return;
    tell("refused", { id, error });
    reply.reject(error);
  }

  function giveUp(entry: Unconfirmed): void {
    const { bytes } = entry;
    const text = `This is too long to send: the connection was closed because it has ${bytes} bytes.`;
    refuse(entry, new ConversationError("content_too_long", text, { bytes }));
  }

  return {
    /** Resolves to the server's reply, however long it takes. Rejects if the message is refused. */
    send(delivery: Delivery): Promise<Acceptance> {
      const { event, payload } = delivery;
      if (closed) {
        tell("late", { id: payload.id, delivery, error: closed });
        return Promise.reject(closed);
      }
      const known = unconfirmed.get(payload.id);
      if (known) return known.reply.promise;
      const bytes = bytesOf(payload);
      const entry = { delivery, bytes, isSent: false, losses: 0, reply: Promise.withResolvers<Acceptance>() };
      unconfirmed.set(payload.id, entry);
      tell("sending", delivery);
      const refusal = refusalOf(event, bytes);
      if (refusal) refuse(entry, refusal);
      else if (channel.state === "joined") void transmit(entry);
      return entry.reply.promise;
    },
    /** Call after each join: unconfirmed messages may have been lost. */
    resend(): void {
      for (const entry of unconfirmed.values()) void transmit(entry);
    },
    /** Call when a connection was lost. Messages that were too large for it are not sent again. */
    lost(code: number): void {
      const sent = [...unconfirmed.values()].filter(({ isSent }) => isSent).toSorted((a, b) => b.bytes - a.bytes);
      for (const [at, entry] of sent.entries()) {
        entry.isSent = false;
        entry.losses += 1;
        const isLargest = at === 0;
        if (isLargest && code === frameTooLarge) giveUp(entry);
        else if (entry.bytes > suspectBytes && entry.losses >= maxLosses) giveUp(entry);
      }
    },
    /** Rejects all unconfirmed messages and any later ones. With `areKept` they do not count as refused: they are sent later. */
    close(error: ConversationError, { areKept }: { areKept: boolean }): void {
      closed = error;
      const entries = [...unconfirmed.values()];
      if (areKept) unconfirmed.clear();
      for (const entry of entries) {
        refuse(entry, error);
        entry.reply.reject(error);
      }
    },
  };
}
