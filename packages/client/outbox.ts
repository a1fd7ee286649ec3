import type { Channel } from "phoenix";

import { ConversationError, replyTo } from "./error.ts";
import { bytesOf, refusalOf } from "./frame.ts";
import type { ClientEvents, Replies } from "./protocol.ts";

type Message = ClientEvents["message"] & { id: string };

interface Unconfirmed {
  message: Message;
  bytes: number;
  /** On the current connection. */
  isSent: boolean;
  /** How many connections were lost after it was sent. */
  losses: number;
  reply: PromiseWithResolvers<Replies["message"]>;
}

/** The close code for a frame that is too large. */
const frameTooLarge = 1009;

/** Some proxies cut a connection without a code when a frame is too large for them. Smaller frames are not suspected. */
const suspectBytes = 65_536;
const maxLosses = 3;

/** Refusals after which the message is sent again: the server restarts, did not reply in time, or could not write just then. */
function isTemporary(error: unknown): error is ConversationError {
  if (!(error instanceof ConversationError)) return false;
  return error.code === "draining" || error.code === "timeout" || (error.code === "busy" && waitOf(error) > 0);
}

/** When to send again, in ms. */
function waitOf({ details }: ConversationError): number {
  return typeof details.retry_after_ms === "number" ? details.retry_after_ms : 0;
}

/**
 * Messages that the server has not confirmed yet. Each has its own id, so it can be resent after a lost connection
 * without being answered twice.
 */
export function outbox(channel: Channel) {
  const unconfirmed = new Map<string, Unconfirmed>();
  let closed: ConversationError | undefined;

  async function transmit(entry: Unconfirmed): Promise<void> {
    const { message, reply } = entry;
    entry.isSent = true;
    try {
      const answer = await replyTo<Replies["message"]>(channel.push("message", message));
      unconfirmed.delete(message.id);
      reply.resolve(answer);
    } catch (error) {
      if (!isTemporary(error)) {
        unconfirmed.delete(message.id);
        reply.reject(error);
      } else if (error.code !== "draining") {
        setTimeout(() => transmitAgain(entry), waitOf(error));
      }
    }
  }

  function transmitAgain(entry: Unconfirmed): void {
    if (channel.state === "joined" && unconfirmed.has(entry.message.id)) void transmit(entry);
  }

  function giveUp({ message, bytes, reply }: Unconfirmed): void {
    unconfirmed.delete(message.id);
    const text = `This message is too long: the connection was closed because of its ${bytes} bytes.`;
    reply.reject(new ConversationError("content_too_long", text, { bytes }));
  }

  return {
    /** Resolves to the server's reply, however long it takes. Rejects if the message is refused. */
    send(message: Message): Promise<Replies["message"]> {
      if (closed) return Promise.reject(closed);
      const known = unconfirmed.get(message.id);
      if (known) return known.reply.promise;
      const bytes = bytesOf(message);
      const refusal = refusalOf("message", bytes);
      if (refusal) return Promise.reject(refusal);
      const entry = { message, bytes, isSent: false, losses: 0, reply: Promise.withResolvers<Replies["message"]>() };
      unconfirmed.set(message.id, entry);
      if (channel.state === "joined") void transmit(entry);
      return entry.reply.promise;
    },
    /** Call after each join: unconfirmed messages may have been lost. */
    resend(): void {
      for (const entry of unconfirmed.values()) void transmit(entry);
    },
    /** Call when a connection was lost: a message that was too large for it is not sent again. */
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
    /** Rejects all unconfirmed messages and any that follow. */
    close(error: ConversationError): void {
      closed = error;
      for (const { reply } of unconfirmed.values()) reply.reject(error);
      unconfirmed.clear();
    },
  };
}
