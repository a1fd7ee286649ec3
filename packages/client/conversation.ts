import type { Socket } from "phoenix";

import { followConnection } from "./connection.ts";
import { ConversationError, replyTo } from "./error.ts";
import { bytesOf, refusalOf } from "./frame.ts";
import { type ConversationListeners, intake } from "./intake.ts";
import { lookUp } from "./look-up.ts";
import { claimTopic } from "./open-topics.ts";
import { outbox } from "./outbox.ts";
import type { ClientEvents, Joined, JoinParams, Refusal, Replies } from "./protocol.ts";
import { type Turn, turn } from "./turn.ts";

export { ConversationError, type ConversationErrorCode } from "./error.ts";
export type { TurnEvent } from "./feed.ts";
export type { ConversationEvents, ConversationListeners } from "./intake.ts";
export type * from "./protocol.ts";
export { limits } from "./protocol.ts";
export type { NewText } from "./seen.ts";
export type * from "./store/state.ts";
export type { Turn } from "./turn.ts";

export interface ConversationOptions extends Pick<JoinParams, "user_id" | "preferences"> {
  on?: ConversationListeners;
}

export interface AskOptions extends Omit<ClientEvents["message"], "content" | "id"> {
  /** Identifies the message, so that the server accepts it only once. Default: a random id. */
  id?: string;
  /** Stops the turn. */
  signal?: AbortSignal;
}

export type Conversation = ReturnType<typeof conversation>;

/** Permanent join refusals, with a message for each: the server sends only the reason. */
const permanentRefusals = new Map<string, string>([
  ["not_found", "This conversation belongs to another user."],
  ["unauthorized", "This API key is not allowed to join this conversation."],
  ["invalid_payload", "This is not a valid conversation name."],
]);

/**
 * Joins `conversation:<id>` on a phoenix socket and rejoins after connection losses. Each rejoin resumes where the last
 * connection ended, messages are resent until the server confirms them, and no event is reported twice. Throws
 * `already_open` if the conversation is open on this socket.
 */
export function conversation(socket: Socket, id: string, { on: listeners = {}, ...params }: ConversationOptions = {}) {
  const topic = `conversation:${id}`;
  const free = claimTopic(socket, topic);
  const incoming = intake(listeners);
  const channel = socket.channel(topic, () => {
    const { cursor } = incoming;
    return { ...params, ...(cursor && { resume: cursor }) };
  });
  const messages = outbox(channel);
  const unfollow = followConnection(socket, messages.lost);
  incoming.listenTo(channel);

  function push<Event extends keyof Replies>(event: Event, payload: ClientEvents[Event]): Promise<Replies[Event]> {
    const refusal = refusalOf(event, bytesOf(payload));
    return refusal ? Promise.reject(refusal) : replyTo(channel.push(event, payload));
  }

  function begin(accepted: Promise<Replies["message"]>, signal?: AbortSignal): Turn {
    const feed = incoming.feeds.claim(accepted);
    const settled = accepted.then(({ turn_id, duplicate }) => (duplicate ? settle(turn_id) : undefined));
    settled.catch(() => {}); // `feed` rejects too
    return turn({ accepted, feed, stop, signal });
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

  function stop(turnId?: string): Promise<Replies["stop"]> {
    return push("stop", turnId === undefined ? {} : { turn_id: turnId });
  }

  let isOver = false;
  channel.onClose(() => {
    if (!isOver) end(incoming.closed());
  });

  function end(error: ConversationError): void {
    if (isOver) return;
    isOver = true;
    free();
    unfollow();
    channel.leave();
    messages.close(error);
    incoming.feeds.failAll(error);
  }

  const joined = new Promise<Joined>((resolve, reject) => {
    const onJoined = (reply: Joined) => {
      incoming.joined(reply);
      messages.resend();
      for (const turnId of incoming.feeds.claimed()) void settle(turnId);
      resolve(reply);
    };
    const onRefused = ({ reason }: Pick<Refusal, "reason">) => {
      const message = permanentRefusals.get(reason);
      if (!message) return; // phoenix.js retries
      const error = new ConversationError(reason, message);
      end(error);
      reject(error);
    };
    channel.join().receive("ok", onJoined).receive("error", onRefused);
  });
  joined.catch(() => {}); // `ask` reports the refusal too, so `joined` may go unused

  return {
    /** The Phoenix channel, for anything not wrapped here, such as `Presence`. */
    channel,
    /** The first join's reply. Rejects with a `ConversationError` if the join is refused permanently. */
    joined,
    /** Sends a message and returns its turn. Resends it until the server confirms it. */
    ask(content: string, { signal, id: messageId = randomId(), ...message }: AskOptions = {}): Turn {
      return begin(messages.send({ ...message, content, id: messageId }), signal);
    },
    /** Answers a turn again. Default: the last turn. */
    regenerate: (payload: ClientEvents["regenerate"] = {}): Turn => begin(push("regenerate", payload)),
    /** Replaces a turn's message and answers it. */
    edit: (turnId: string, content: string): Turn => begin(push("edit", { turn_id: turnId, content })),
    /** Stops a turn. Default: the running one. */
    stop,
    /** Pushes any event and resolves to its reply. Rejects with a `ConversationError`. */
    push,
    /** Leaves the conversation. Everything pending rejects with code `left`. */
    leave: () => end(new ConversationError("left", "You left the conversation.")),
  };
}

/** `crypto.randomUUID` is missing on pages over plain HTTP. */
function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
