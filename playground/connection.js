/** Below the page's own address, whatever path a proxy puts in front of it. */
const socketPath = new URL("socket", location.href).pathname;

/** The minimum time between two checks of why the connection fails. */
const checkAgainMs = 5_000;

/**
 * Opens the socket. phoenix.js reconnects by itself; `lost` is called whenever the connection fails. Browsers do not tell
 * why a handshake failed, so this requests the same URL over HTTP: on 403, the key is invalid and `refused` is called.
 */
export function connect(apiKey, { lost, refused }) {
  const socket = new globalThis.Phoenix.Socket(socketPath, { params: { api_key: apiKey } });
  let checkedAt = Number.NEGATIVE_INFINITY;

  socket.onError(async () => {
    lost();
    if (performance.now() - checkedAt < checkAgainMs) return;
    checkedAt = performance.now();
    if ((await handshakeStatus(apiKey)) !== 403) return;
    socket.disconnect();
    refused();
  });
  socket.onClose(({ code }) => code !== 1000 && lost());
  addEventListener("online", () => {
    if (!socket.isConnected()) socket.disconnect(() => socket.connect()); // reconnect now; phoenix.js might wait for several seconds
  });
  socket.connect();
  return socket;
}

async function handshakeStatus(apiKey) {
  const query = new URLSearchParams({ api_key: apiKey, vsn: "2.0.0" });
  try {
    return (await fetch(`${socketPath}/websocket?${query}`)).status;
  } catch {
    return 0; // the server cannot be reached
  }
}
