import { connect } from "./connection.js";
import { outbox } from "./outbox.js";
import { Presence } from "./phoenix.js";

/** A join refused for one of these would be refused again for ever. */
const final = ["unauthorized", "not_found", "invalid_payload"];

/**
 * One conversation of this device. Everything that happens is told to `listener`; nothing here knows the page.
 * After a lost connection phoenix.js joins again, with the cursor of what was seen, and the server sends the rest.
 */
export function openConversation(id, apiKey, listener) {
  let resume;
  const socket = connect(apiKey, { lost: () => listener.state("lost"), refused: () => listener.keyRefused() });
  const channel = socket.channel(`conversation:${id}`, () => (resume ? { resume } : {}));
  const messages = outbox(channel, listener);

  channel
    .join()
    .receive("ok", (reply) => {
      listener.state("connected");
      listener.joined(reply);
      messages.sendAll();
    })
    .receive("error", (refusal) => {
      if (!final.includes(refusal.reason)) return listener.state("lost");
      socket.disconnect();
      listener.joinRefused(refusal);
    });

  channel.on("thinking", listener.thinking);
  channel.on("response_delta", (piece) => {
    resume = { turn_id: piece.turn_id, offset: piece.offset + piece.text.length };
    listener.piece(piece);
  });
  channel.on("response", (response) => {
    resume = { turn_id: response.turn_id };
    listener.answered(response);
  });
  channel.on("error", (error) => {
    if (!error.turn_id) return; // a refused push: its reply has told already
    resume = { turn_id: error.turn_id };
    listener.failed(error);
  });
  channel.on("conversation_reset", (event) => {
    resume = undefined;
    listener.reset(event);
  });
  channel.on("context_updated", ({ context }) => listener.context(context));
  channel.on("typing", ({ typing }) => listener.typing(typing));
  const presence = new Presence(channel);
  presence.onSync(() => listener.devices(presence.list((_, { metas }) => metas.length).reduce((sum, n) => sum + n, 0)));

  /** Resolves with the reply, rejects with the refusal. */
  function push(event, payload) {
    return new Promise((resolve, reject) => {
      const late = () => reject({ reason: "timeout", message: "The server did not answer in time." });
      channel.push(event, payload).receive("ok", resolve).receive("error", reject).receive("timeout", late);
    });
  }

  return {
    send: messages.send,
    stop: (turn_id) => push("stop", { turn_id }),
    startOver: () => push("new_conversation", {}),
    history: (before) => push("get_history", before ? { before } : {}),
    setContext: (context) => push("set_context", { context }),
    /** A sign that gets lost is not worth a word. */
    typing(typing) {
      if (channel.state === "joined") channel.push("typing", { typing });
    },
  };
}
