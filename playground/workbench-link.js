/**
 * The channel `workbench:<conversation_id>` on the page's socket. Import `workbench` to use it:
 *
 *   workbench.available              true while the channel is joined; always false if the server has no workbench
 *   workbench.joined                 the join's reply and `conversation_id`; undefined while not available
 *   workbench.push(event, payload)   resolves to the `ok` reply; rejects with a ConversationError: `code` (the server's
 *                                    reason, `timeout` or `unavailable`), `message`, `details`
 *   workbench.on(event, listener)    adds a listener for all conversations; returns a function that removes it
 *
 * Two more events: `joined` (with `workbench.joined`; after every join, and at once for a listener added while joined) and
 * `left` (the channel is gone until the next `joined`).
 */
import { ConversationError, replyTo } from "./client/error.ts";

/** Permanent join refusals, which phoenix.js would retry forever: no workbench, or another user's conversation. */
const permanent = ["unmatched topic", "not_found", "unauthorized"];

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

/** Joins the workbench of a joined conversation and leaves the open one. Only the page calls this. */
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
    .receive("error", ({ reason }) => permanent.includes(reason) && opened.leave());
}

/** Leaves the open workbench. Only the page calls this. */
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
