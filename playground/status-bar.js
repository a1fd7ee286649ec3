const states = {
  connecting: "Connecting…",
  connected: "Connected",
  lost: "Connection lost, reconnecting…",
  offline: "You are offline",
  closed: "Not connected",
};

/** Shows the connection's state, the number of devices, typing and error messages. */
export function statusBar() {
  const [connection, devices, others, notice] = ["#connection", "#devices", "#others", "#notice"].map((selector) =>
    document.querySelector(selector),
  );

  function show() {
    const { state } = connection.dataset;
    connection.textContent = states[state === "lost" && !navigator.onLine ? "offline" : state];
  }

  for (const event of ["online", "offline"]) addEventListener(event, show);

  return {
    state(state) {
      connection.dataset.state = state;
      show();
    },
    devices(count) {
      devices.hidden = count < 2;
      devices.textContent = `${count} devices`;
    },
    typing(isTyping) {
      others.textContent = isTyping ? "Typing on another device…" : "";
    },
    /** Shows an error or any other message. */
    notice({ message }) {
      notice.textContent = message;
    },
    clear() {
      notice.textContent = "";
    },
  };
}
