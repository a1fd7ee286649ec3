import { conversation } from "./client/conversation.ts";
import { connect } from "./connection.js";
import { Presence } from "./phoenix.js";

/** One conversation of this device. Everything that happens is told to `listener`; nothing here knows the page. */
export function openConversation(id, apiKey, listener) {
  const socket = connect(apiKey, { lost: () => listener.state("lost"), refused: () => listener.keyRefused() });
  const on = {
    joined(reply) {
      listener.state("connected");
      listener.joined(reply);
    },
    thinking: listener.thinking,
    text: listener.text,
    response: listener.answered,
    failed: listener.failed,
    conversation_reset: listener.reset,
    context_updated: ({ context }) => listener.context(context),
    typing: ({ typing }) => listener.typing(typing),
  };
  const joined = conversation(socket, id, { on });
  joined.joined.catch((refusal) => {
    socket.disconnect();
    listener.joinRefused(refusal);
  });
  const presence = new Presence(joined.channel);
  presence.onSync(() => listener.devices(presence.list((_, { metas }) => metas.length).reduce((sum, n) => sum + n, 0)));

  return {
    send(message) {
      const { accepted } = joined.ask(message.content, message);
      accepted.then(
        (reply) => listener.accepted(message, reply),
        (refusal) => listener.refused(message, refusal),
      );
    },
    stop: joined.stop,
    startOver: () => joined.push("new_conversation", {}),
    history: (before) => joined.push("get_history", before ? { before } : {}),
    setContext: (context) => joined.push("set_context", { context }),
    /** A sign that gets lost is not worth a word. */
    typing(typing) {
      if (joined.channel.state === "joined") joined.channel.push("typing", { typing });
    },
  };
}
