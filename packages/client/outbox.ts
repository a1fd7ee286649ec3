import type { Channel } from "phoenix";

import { ConversationError, replyTo } from "./error.ts";
import type { ClientEvents, Replies } from "./protocol.ts";

type Message = ClientEvents["message"] & { id: string };

interface Unconfirmed {
  message: Message;
  reply: PromiseWithResolvers<Replies["message"]>;
}

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

  async function transmit({ message, reply }: Unconfirmed): Promise<void> {
    try {
      const answer = await replyTo<Replies["message"]>(channel.push("message", message));
      unconfirmed.delete(message.id);
      reply.resolve(answer);
    } catch (error) {
      if (!isTemporary(error)) {
        unconfirmed.delete(message.id);
        reply.reject(error);
      } else if (error.code !== "draining") {
        setTimeout(() => transmitAgain({ message, reply }), waitOf(error));
      }
    }
  }

  function transmitAgain(entry: Unconfirmed): void {
    if (channel.state === "joined" && unconfirmed.has(entry.message.id)) void transmit(entry);
  }

  return {
    /** Resolves to the server's reply, however long it takes. Rejects if the message is refused. */
    send(message: Message): Promise<Replies["message"]> {
      if (closed) return Promise.reject(closed);
      const known = unconfirmed.get(message.id);
      if (known) return known.reply.promise;
      const entry = { message, reply: Promise.withResolvers<Replies["message"]>() };
      unconfirmed.set(message.id, entry);
      if (channel.state === "joined") void transmit(entry);
      return entry.reply.promise;
    },
    /** Call after each join: unconfirmed messages may have been lost. */
    resend(): void {
      for (const entry of unconfirmed.values()) void transmit(entry);
    },
    /** Rejects all unconfirmed messages and any that follow. */
    close(error: ConversationError): void {
      closed = error;
      for (const { reply } of unconfirmed.values()) reply.reject(error);
      unconfirmed.clear();
    },
  };
}
