import type { Socket } from "phoenix";

import { ConversationError, replyTo } from "./error.ts";
import { type ConversationListeners, intake } from "./intake.ts";
import { lookUp } from "./look-up.ts";
import { outbox } from "./outbox.ts";
import type { ClientEvents, Joined, JoinParams, Refusal, Replies } from "./protocol.ts";
import { type Turn, turn } from "./turn.ts";

export { ConversationError, type ConversationErrorCode } from "./error.ts";
export type { TurnEvent } from "./feed.ts";
export type { ConversationEvents, ConversationListeners } from "./intake.ts";
export type * from "./protocol.ts";
export type { NewText } from "./seen.ts";
export type { Turn } from "./turn.ts";

export interface ConversationOptions extends Pick<JoinParams, "user_id" | "preferences"> {
  on?: ConversationListeners;
}

export interface AskOptions extends Omit<ClientEvents["message"], "content" | "id"> {
  /** The message's own id, by which the server takes it once; default: a random one. */
  id?: string;
  /** Stops the turn. */
  signal?: AbortSignal;
}

export type Conversation = ReturnType<typeof conversation>;

/** A join refused for one of these would be refused again for ever. The server gives the reason and nothing else. */
const final = new Map<string, string>([
  ["not_found", "This conversation belongs to somebody else."],
  ["unauthorized", "This key may not join that conversation."],
  ["invalid_payload", "This cannot be the name of a conversation."],
]);

/**
 * Joins `conversation:<id>` on a phoenix socket and stays in it, whatever the network does: each rejoin tells the server what was
 * seen, messages are sent again until they are confirmed, and nothing is shown twice.
 */
export function conversation(socket: Socket, id: string, { on: listeners = {}, ...params }: ConversationOptions = {}) {
  const incoming = intake(listeners);
  const channel = socket.channel(`conversation:${id}`, () => {
    const { cursor } = incoming;
    return { ...params, ...(cursor && { resume: cursor }) };
  });
  const messages = outbox(channel);
  incoming.from(channel);

  function push<Event extends keyof Replies>(event: Event, payload: ClientEvents[Event]): Promise<Replies[Event]> {
    return replyTo(channel.push(event, payload));
  }

  function begin(accepted: Promise<Replies["message"]>, signal?: AbortSignal): Turn {
    const feed = incoming.feeds.claim(accepted);
    const settled = accepted.then(({ turn_id, duplicate }) => (duplicate ? settle(turn_id) : undefined));
    settled.catch(() => {}); // `feed` rejects as well
    return turn({ accepted, feed, stop, signal });
  }

  /** Sees to it that a turn which may be over ends here too. What keeps it from looking is told by the next join. */
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

  function end(error: ConversationError): void {
    channel.leave();
    messages.close(error);
    incoming.feeds.failAll(error);
  }

  const joined = new Promise<Joined>((resolve, reject) => {
    const again = (reply: Joined) => {
      incoming.joined(reply);
      messages.sendAgain();
      for (const turnId of incoming.feeds.claimed()) void settle(turnId);
      resolve(reply);
    };
    const refused = ({ reason }: Pick<Refusal, "reason">) => {
      const message = final.get(reason);
      if (!message) return; // phoenix.js tries again
      const error = new ConversationError(reason, message);
      end(error);
      reject(error);
    };
    channel.join().receive("ok", again).receive("error", refused);
  });
  joined.catch(() => {}); // who only asks learns of it by the answer

  return {
    /** Phoenix's own, for what is not wrapped here: its `Presence`, for one. */
    channel,
    /** The first join's reply. Rejects with a `ConversationError` when the join is refused for good. */
    joined,
    /** Sends a message, as often as it takes, and shows its turn. */
    ask(content: string, { signal, id: messageId = randomId(), ...message }: AskOptions = {}): Turn {
      return begin(messages.send({ ...message, content, id: messageId }), signal);
    },
    /** Answers a turn's message again; by default the last one's. */
    regenerate: (payload: ClientEvents["regenerate"] = {}): Turn => begin(push("regenerate", payload)),
    /** Answers a turn again, with other words in its question. */
    edit: (turnId: string, content: string): Turn => begin(push("edit", { turn_id: turnId, content })),
    /** Ends a turn; by default the running one. */
    stop,
    /** Any other event. Rejects with a `ConversationError`. */
    push,
    leave: () => end(new ConversationError("left", "The conversation was left.")),
  };
}

/** `crypto.randomUUID` is missing on pages over plain HTTP. */
function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
