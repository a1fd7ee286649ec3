/**
 * Messages that the server has not confirmed yet. Each has an id of its own, so that it can be sent again after a lost
 * connection without being answered twice.
 */
export function outbox(channel, { accepted, refused }) {
  const messages = new Map();

  function transmit(message) {
    channel
      .push("message", message)
      .receive("ok", (reply) => {
        messages.delete(message.id);
        accepted(message, reply);
      })
      .receive("error", (refusal) => {
        if (refusal.reason === "draining") return; // the server restarts: it goes out again with the next join
        messages.delete(message.id);
        refused(message, refusal);
      })
      .receive("timeout", () => {
        if (channel.state === "joined" && messages.has(message.id)) transmit(message);
      });
  }

  return {
    send(message) {
      messages.set(message.id, message);
      if (channel.state === "joined") transmit(message);
    },
    sendAll() {
      for (const message of messages.values()) transmit(message);
    },
  };
}
