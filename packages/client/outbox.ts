import type { Channel } from "phoenix";

import { ConversationError, replyTo } from "./error.ts";
import type { ClientEvents, Replies } from "./protocol.ts";

type Message = ClientEvents["message"] & { id: string };

interface Unconfirmed {
  message: Message;
  reply: PromiseWithResolvers<Replies["message"]>;
}

/** Temporary refusals: the message is sent again. */
const temporary = ["draining", "timeout"];

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
      const isTemporary = error instanceof ConversationError && temporary.includes(error.code);
      if (!isTemporary) {
        unconfirmed.delete(message.id);
        reply.reject(error);
      } else if (error.code === "timeout" && channel.state === "joined" && unconfirmed.has(message.id)) {
        await transmit({ message, reply });
      }
    }
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
