const states = {
  connecting: "Connecting…",
  connected: "Connected",
  lost: "Connection lost, trying again…",
  offline: "You are offline",
  closed: "Not connected",
};

/** What the page says about itself: the connection, the other devices, and what was refused. */
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
    /** A refusal, or any other message. */
    notice({ message }) {
      notice.textContent = message;
    },
    clear() {
      notice.textContent = "";
    },
  };
}
