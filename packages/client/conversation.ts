import type { Socket } from "phoenix";

import { followConnection } from "./connection.ts";
import { connectionState } from "./connection-state.ts";
import { deliver } from "./courier.ts";
import { ConversationError, left, replyTo } from "./error.ts";
import { bytesOf, refusalOf } from "./frame.ts";
import type { AskOptions, Conversation, ConversationOptions } from "./handle.ts";
import { handled } from "./handled.ts";
import { type ConversationEvents, intake } from "./intake.ts";
import { pastOf } from "./late-listener.ts";
import { listenersOf } from "./listeners.ts";
import { lookUp } from "./look-up.ts";
import { membership } from "./membership.ts";
import { claimTopic, isOpen } from "./open-topics.ts";
import { type Acceptance, type Delivery, type DeliveryEvents, outbox } from "./outbox.ts";
import type { ClientEvents, Joined, JoinParams, Replies } from "./protocol.ts";
import { randomId } from "./random-id.ts";
import { roomOf } from "./store/room.ts";
import type { ConversationStore } from "./store/state.ts";
import { conversationStore } from "./store/store.ts";
import { type Turn, turn } from "./turn.ts";
import { ownerOf, tabStorage, unsentMessages } from "./unsent.ts";

export type { Answer, ConversationType, Metadata } from "./answer.ts";
export { ConversationError, type ConversationErrorCode } from "./error.ts";
export type { TurnEvent } from "./feed.ts";
export { downloadFile, type FileOptions, type UploadOptions, uploadFile } from "./files.ts";
export type { AskOptions, Conversation, ConversationOptions } from "./handle.ts";
export type { ConversationEvents, ConversationListeners } from "./intake.ts";
export type * from "./protocol.ts";
export { limits } from "./protocol.ts";
export type { NewText } from "./seen.ts";
export type * from "./store/state.ts";
export type { Turn } from "./turn.ts";
export type { TextStorage } from "./unsent.ts";

/**
 * Joins `conversation:<id>` on a phoenix socket and rejoins after connection losses. Each rejoin resumes where the last
 * connection ended, messages are resent until the server confirms them, and no text is reported twice. Throws
 * `already_open` if the conversation is open on this socket.
 *
 * Messages that are not confirmed are kept in `storage`. They are sent when the conversation is opened again with the same
 * key or the same user's token, and in the background when any conversation of that user is open on this page.
 */
export function conversation(socket: Socket, id: string, options: ConversationOptions = {}): Conversation {
  const { on: given = {}, storage = tabStorage(), ...params } = options;
  const topic = `conversation:${id}`;
  const free = claimTopic(socket, topic);
  const owner = ownerOf(socket, params.user_id);
  const unsent = unsentMessages(storage, owner, id);
  const { on, tell } = listenersOf<ConversationEvents>();
  const room = roomOf(on);
  const deliveries = listenersOf<DeliveryEvents>();
  const incoming = intake(tell);
  const channel = socket.channel(topic, joinParams);
  const messages = outbox(channel, deliveries.tell);
  const link = connectionState(socket, channel, (connection) => tell("connection", connection));
  const unfollow = followConnection(socket, { lost: messages.lost, unopened: link.unopened });
  const member = membership(channel, { joined, refused: end });
  const pending = new Set<Promise<unknown>>();
  let store: ConversationStore | undefined;
  let isOver = false;

  function joinParams(): JoinParams {
    const { cursor } = incoming;
    return { ...params, ...(cursor && { resume: cursor }) };
  }

  function joined(reply: Joined): void {
    const isFirst = !room.getSnapshot().session_id;
    incoming.joined(reply);
    link.joined();
    messages.resend();
    for (const turnId of incoming.feeds.claimed()) void settle(turnId);
    if (!isFirst) return;
    for (const other of unsent.elsewhere()) {
      if (isOpen(socket, `conversation:${other}`)) continue;
      deliver(socket, other, params, unsentMessages(storage, owner, other));
    }
  }

  function push<Event extends keyof Replies>(event: Event, payload: ClientEvents[Event]): Promise<Replies[Event]> {
    const refusal = refusalOf(event, bytesOf(payload));
    if (refusal) return Promise.reject(refusal);
    const reply = replyTo<Replies[Event]>(channel.push(event, payload));
    const replied = () => pending.delete(reply);
    pending.add(reply);
    reply.then(replied, replied); // so whoever pushes may ignore the reply
    return reply;
  }

  function send(delivery: Delivery, signal?: AbortSignal): Turn {
    const accepted: Promise<Acceptance> = messages.send(delivery);
    const feed = incoming.feeds.claim(accepted);
    void handled(accepted.then(({ turn_id, duplicate }) => (duplicate ? settle(turn_id) : undefined))); // `feed` rejects too
    return turn({ accepted, feed, respond, stop, signal });
  }

  /** Reports the end of a turn that ended while this page was not listening. If that fails, the next join tries again. */
  async function settle(turnId: string): Promise<void> {
    try {
      await lookUp(turnId, (page) => push("get_history", page), incoming);
    } catch (error) {
      if (!(error instanceof ConversationError)) throw error;
      if (error.code === "not_found") incoming.feeds.close(turnId, (feed) => feed.fail(error));
    }
  }

  async function respond(turn_id: string, responses: ClientEvents["respond"]["responses"]): Promise<void> {
    await push("respond", { turn_id, responses });
  }

  function stop(turnId?: string): Promise<Replies["stop"]> {
    return push("stop", turnId === undefined ? {} : { turn_id: turnId });
  }

  /** Sends what becomes a turn. */
  function begin(event: Delivery["event"], content: object, { signal, ...options }: AskOptions = {}) {
    const payload = { ...options, ...content, id: options.id ?? randomId() };
    return send({ event, payload } as Delivery, signal); // that event's payload, by its caller
  }

  function end(error: ConversationError): void {
    if (isOver) return;
    link.ended(error);
    isOver = true;
    free();
    unfollow();
    channel.leave();
    member.end(error);
    messages.close(error, { areKept: error.code === "left" && unsent.isKept() });
    incoming.feeds.failAll(error);
  }

  function openStore(): ConversationStore {
    const source = {
      on,
      onDelivery: deliveries.on,
      push,
      joined: () => (isOver ? undefined : member.last),
      unfinished: () => incoming.feeds.unfinished(),
      unsent: unsent.all,
      regenerate: (turnId: string) => begin("regenerate", { turn_id: turnId }),
      resend: (messageId: string) => {
        const found = unsent.at(messageId);
        return found && send(found.delivery);
      },
      forget: (messageId: string) => unsent.remove(messageId),
    };
    return conversationStore(source, room);
  }

  for (const [event, listener] of Object.entries(given)) on(event as keyof ConversationEvents, listener as () => void); // of that event
  deliveries.on("sending", (delivery) => unsent.add(delivery));
  deliveries.on("accepted", ({ id: messageId }) => unsent.remove(messageId));
  deliveries.on("refused", ({ id: messageId, error }) => {
    if (store) unsent.refuse(messageId, error);
    else unsent.remove(messageId);
  });
  incoming.listenTo(channel);
  channel.onError(link.lost);
  channel.onClose(() => {
    if (!isOver) end(incoming.closed());
  });
  for (const { delivery, error } of unsent.all()) if (!error) send(delivery);
  member.join();

  return {
    channel,
    joined: member.first,
    get store() {
      store ??= openStore();
      return store;
    },
    on(event, listener) {
      const past = { joined: member.last, room, unfinished: incoming.feeds.unfinished() };
      for (const payload of pastOf(event, past)) listener(payload as ConversationEvents[typeof event]); // of that event
      return on(event, listener);
    },
    async setPreferences(preferences) {
      params.preferences = preferences;
      while (pending.size > 0) await Promise.allSettled(pending);
      return await member.again();
    },
    ask: (content, asked) => begin("message", { content }, asked),
    regenerate: (asked) => begin("regenerate", {}, asked),
    edit: (turnId, content, asked) => begin("edit", { turn_id: turnId, content }, asked),
    respond,
    stop,
    push,
    leave() {
      end(left());
      if (unsent.isKept()) deliver(socket, id, params, unsent);
    },
  };
}
