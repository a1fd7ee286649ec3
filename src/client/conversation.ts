import { randomUUID } from "node:crypto";

import type { Push, Socket } from "phoenix";

import type { Outbound, Replies } from "../channel/outbound.ts";

/** What is said of the conversation as it happens. */
export interface Listener {
  thinking: (event: Outbound["thinking"]) => void;
  piece: (event: Outbound["response_delta"]) => void;
  answered: (event: Outbound["response"]) => void;
  failed: (event: Outbound["error"]) => void;
  reset: () => void;
}

export type Conversation = Awaited<ReturnType<typeof join>>;

/** Joins a conversation and stays in it, whatever the network does. Rejects when the join is refused. */
export async function join(socket: Socket, id: string, listener: Listener) {
  let resume: { turn_id: string; offset?: number } | undefined;
  const waiting = new Map<string, () => void>();
  const over = new Set<string>();
  const channel = socket.channel(`conversation:${id}`, () => (resume ? { resume } : {}));

  function end(turnId: string): void {
    resume = { turn_id: turnId };
    over.add(turnId);
    waiting.get(turnId)?.();
  }

  channel.on("thinking", listener.thinking);
  channel.on("response_delta", (event: Outbound["response_delta"]) => {
    resume = { turn_id: event.turn_id, offset: event.offset + event.text.length };
    listener.piece(event);
  });
  channel.on("response", (event: Outbound["response"]) => {
    listener.answered(event);
    end(event.turn_id);
  });
  channel.on("error", (event: Outbound["error"]) => {
    if (!event.turn_id) return; // a refused push: its reply has told already
    listener.failed(event);
    end(event.turn_id);
  });
  channel.on("conversation_reset", () => {
    resume = undefined;
    listener.reset();
    for (const stop of waiting.values()) stop();
  });

  /** Sent again, under the same id, when no answer comes: the server takes it once. */
  async function message(content: string, clientId: string): Promise<Replies["message"]> {
    try {
      return await settled(channel.push("message", { content, id: clientId }));
    } catch (error) {
      if (error instanceof Refused) throw error;
      return message(content, clientId);
    }
  }

  try {
    await settled(channel.join());
  } catch (error) {
    channel.leave(); // phoenix.js would try again for ever
    throw error;
  }
  return {
    /** Resolves when the message is answered, its turn has failed, or the conversation was reset. */
    async ask(content: string): Promise<void> {
      const { turn_id } = await message(content, randomUUID());
      if (over.has(turn_id)) return;
      await new Promise<void>((resolve) => waiting.set(turn_id, resolve));
      waiting.delete(turn_id);
    },
    stop: () => settled<Replies["stop"]>(channel.push("stop", {})),
    startOver: () => settled<Replies["new_conversation"]>(channel.push("new_conversation", {})),
    setContext: (context: unknown) => settled<Replies["set_context"]>(channel.push("set_context", { context })),
  };
}

/** The server's no. */
export class Refused extends Error {}

const reasons: Record<string, string> = {
  not_found: "This conversation belongs to somebody else.",
  unauthorized: "This key may not join that conversation.",
};

function settled<Reply>(push: Push): Promise<Reply> {
  return new Promise((resolve, reject) => {
    push
      .receive("ok", resolve)
      .receive("error", ({ reason, message }) => reject(new Refused(message ?? reasons[reason] ?? reason)))
      .receive("timeout", () => reject(new Error("The server did not answer in time.")));
  });
}
