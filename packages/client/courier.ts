import type { Socket } from "phoenix";

import { followConnection } from "./connection.ts";
import { joinRefused, left } from "./error.ts";
import { handled } from "./handled.ts";
import { claimTopic } from "./open-topics.ts";
import { type DeliveryEvents, outbox } from "./outbox.ts";
import type { JoinParams, Refusal } from "./protocol.ts";
import type { UnsentMessages } from "./unsent.ts";

/**
 * Delivers the messages of a conversation that is not open, and leaves it once all are confirmed or refused. A refused
 * message is shown when the conversation is opened again. Stops as soon as the conversation is opened.
 */
export function deliver(socket: Socket, id: string, params: JoinParams, unsent: UnsentMessages): void {
  const topic = `conversation:${id}`;
  const free = claimTopic(socket, topic, end);
  const channel = socket.channel(topic, params);
  const messages = outbox(channel, told);
  const unfollow = followConnection(socket, { lost: messages.lost });
  let isOver = false;

  function told<Event extends keyof DeliveryEvents>(event: Event, payload: DeliveryEvents[Event]): void {
    if (event === "sending") return;
    if ("error" in payload) unsent.refuse(payload.id, payload.error);
    else if ("reply" in payload) unsent.remove(payload.id);
    if (!unsent.isKept()) end();
  }

  function end(): void {
    if (isOver) return;
    isOver = true;
    free();
    unfollow();
    channel.leave();
    messages.close(left(), { areKept: true });
  }

  for (const { delivery, error } of unsent.all()) if (!error) void handled(messages.send(delivery)); // `told` handles it
  channel.onClose(end);
  channel
    .join()
    .receive("ok", () => messages.resend())
    .receive("error", (refusal: Refusal) => {
      if (joinRefused(refusal)) end();
    });
}
