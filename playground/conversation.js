import { conversation } from "./client/conversation.ts";
import { closeWorkbench, openWorkbench } from "./workbench-link.js";

/** Joins a conversation and reports its events to `listener`, if there is one, until it is muted or left. Does not touch the page. */
export function openConversation(socket, id, preferences, listener) {
  let isOpen = listener !== undefined;
  const tell =
    (event) =>
    (...what) =>
      isOpen && listener[event](...what);
  const on = {
    joined: tell("joined"),
    thinking: tell("thinking"),
    reasoning: tell("reasoning"),
    text: tell("text"),
    response: tell("answered"),
    failed: tell("failed"),
    conversation_reset: tell("reset"),
    context_updated: tell("context"),
    typing: tell("typing"),
    closed: tell("joinRefused"),
  };
  const joined = conversation(socket, id, { preferences: { include_reasoning: true, ...preferences }, on });
  joined.joined.then(() => isOpen && openWorkbench(socket, id), tell("joinRefused"));
  const presence = new globalThis.Phoenix.Presence(joined.channel);
  presence.onSync(() => tell("devices")(presence.list((_, { metas }) => metas.length).reduce((sum, n) => sum + n, 0)));

  function mute() {
    if (!isOpen) return;
    isOpen = false;
    closeWorkbench();
  }

  /** Reports a turn that replaces another one. */
  async function again({ accepted }, query) {
    const reply = await accepted;
    tell("replaced")(reply, query);
  }

  return {
    id,
    /** IDs of the messages that were sent here. */
    messages: new Set(),
    /** Resolves to the reply, however long it takes. */
    send: (message) => joined.ask(message.content, message).accepted,
    regenerate: (turnId, query) => again(joined.regenerate({ turn_id: turnId }), query),
    edit: (turnId, content) => again(joined.edit(turnId, content), content),
    feedback: (turnId, verdict) => joined.push("feedback", { turn_id: turnId, ...verdict }),
    stop: joined.stop,
    startOver: () => joined.push("new_conversation", {}),
    history: (before) => joined.push("get_history", before ? { before } : {}),
    setContext: (context) => joined.push("set_context", { context }),
    /** Best effort: a lost typing event does not matter. */
    typing(typing) {
      if (joined.channel.state === "joined") joined.channel.push("typing", { typing });
    },
    mute,
    leave() {
      mute();
      joined.leave();
    },
  };
}
