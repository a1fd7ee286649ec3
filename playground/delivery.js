import { unsentTexts } from "./unsent.js";

/** The conversation was left, or cannot be joined: its messages stay unsent. */
const notJoined = ["left", "not_found", "unauthorized"];

/**
 * Opens one conversation at a time with `open(id, listens)`, and delivers each message, also after its conversation was left or the
 * page was reloaded. `listener` gets `sending`, `accepted` and `refused` of the open conversation, and `refusedElsewhere`.
 */
export function delivery(open, listener) {
  const unsent = unsentTexts();
  /** Conversations that were left with messages on their way. */
  const left = new Map();
  /** Conversations that are known to be this user's. */
  const joined = new Set();
  let current;

  async function transmit(conversation, message) {
    const { id, messages } = conversation;
    if (messages.has(message.id)) return;
    messages.add(message.id);
    try {
      const reply = await conversation.send(message);
      unsent.remove(id, message);
      if (conversation === current) listener.accepted(message, reply);
    } catch (refusal) {
      refused(conversation, message, refusal);
    }
    if (left.get(id) === conversation && unsent.messages(id).length === 0) leave(conversation);
  }

  function refused(conversation, message, refusal) {
    const { id } = conversation;
    if (conversation === current) {
      unsent.remove(id, message);
      listener.refused(message, refusal);
    } else if (notJoined.includes(refusal.code)) {
      if (left.get(id) === conversation) leave(conversation);
    } else {
      unsent.remove(id, message);
      unsent.write(id, [message.content, unsent.draft(id)].filter(Boolean).join("\n\n"));
      listener.refusedElsewhere(refusal);
    }
  }

  function leave(conversation) {
    if (left.get(conversation.id) === conversation) left.delete(conversation.id);
    conversation.leave();
  }

  /** Messages are sent with their IDs, so that none is accepted twice. */
  function transmitAll(conversation) {
    for (const message of unsent.messages(conversation.id)) {
      if (conversation === current) listener.sending(message);
      transmit(conversation, message);
    }
  }

  /** Leaves the open conversation as soon as its messages are confirmed. */
  function retire() {
    if (!current) return;
    current.mute();
    if (unsent.messages(current.id).length > 0) left.set(current.id, current);
    else current.leave();
  }

  return {
    unsent,
    enter(id) {
      retire();
      if (left.has(id)) leave(left.get(id));
      current = open(id, true);
      if (joined.has(id)) transmitAll(current);
      return current;
    },
    /** Call when the open conversation was joined: its messages, and those of other conversations, may be sent. */
    joined() {
      if (!joined.has(current.id)) {
        joined.add(current.id);
        transmitAll(current);
      }
      for (const id of unsent.elsewhere(current.id)) {
        if (left.has(id)) continue;
        const conversation = open(id, false);
        left.set(id, conversation);
        transmitAll(conversation);
      }
    },
    send(message) {
      unsent.add(current.id, message);
      listener.sending(message);
      transmit(current, message);
    },
    /** Call when the page was cleared and its unconfirmed messages are to be shown again. */
    showAgain() {
      for (const message of unsent.messages(current.id)) listener.sending(message);
    },
  };
}
