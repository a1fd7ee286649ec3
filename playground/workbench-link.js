/**
 * The channel `workbench:<conversation id>`, on the socket of the page. Whoever needs it imports `workbench`:
 *
 *   workbench.available              true while the channel is joined; false for good where the server has no workbench
 *   workbench.joined                 the join's reply and `conversation_id`; undefined while it is not available
 *   workbench.push(event, payload)   a promise of the `ok` reply; rejects with a ConversationError: `code` (the server's reason,
 *                                    `timeout`, or `unavailable`), `message`, `details`
 *   workbench.on(event, listener)    returns what takes the listener off again; it stays when the page opens another conversation
 *
 * Two events are made here: `joined` (the join's reply; told at once to a listener that comes later, and again after a lost
 * connection or when another conversation was opened) and `left` (nothing can be pushed until the next `joined`).
 */
import { ConversationError, replyTo } from "./client/error.ts";

/** phoenix.js would ask again for ever: there is no workbench here, or it is not this user's. */
const final = ["unmatched topic", "not_found", "unauthorized"];

const listeners = new Map();
let channel;
let reply;

export const workbench = {
  get available() {
    return reply !== undefined;
  },
  get joined() {
    return reply;
  },
  push(event, payload) {
    if (!reply) return Promise.reject(new ConversationError("unavailable", "The workbench is not available."));
    return replyTo(channel.push(event, payload));
  },
  on(event, listener) {
    const known = listeners.get(event) ?? new Set();
    listeners.set(event, known.add(listener));
    if (event === "joined" && reply) listener(reply);
    return () => known.delete(listener);
  },
};

/** For the page alone: joins the workbench of a conversation that was joined before, and leaves the one that was open. */
export function openWorkbench(socket, conversationId) {
  closeWorkbench();
  const opened = socket.channel(`workbench:${conversationId}`, {});
  channel = opened;
  opened.onMessage = (event, payload) => {
    if (channel === opened) tell(event, payload);
    return payload;
  };
  opened.onError(() => channel === opened && left());
  opened
    .join()
    .receive("ok", (joined) => {
      if (channel !== opened) return;
      reply = { ...joined, conversation_id: conversationId };
      tell("joined", reply);
    })
    .receive("error", ({ reason }) => final.includes(reason) && opened.leave());
}

/** For the page alone. */
export function closeWorkbench() {
  const closed = channel;
  channel = undefined;
  closed?.leave();
  left();
}

function left() {
  if (!reply) return;
  reply = undefined;
  tell("left", {});
}

function tell(event, payload) {
  for (const listener of listeners.get(event) ?? []) listener(payload);
}
