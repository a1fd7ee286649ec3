/** Between two questions why a connection fails. */
const askAgainMs = 5_000;

/**
 * Opens the socket. phoenix.js tries again by itself whenever it fails; `lost` is told so. A browser does not say why a
 * handshake failed, so the same address is asked over plain HTTP: 403 means that the key is refused, and ends it.
 */
export function connect(apiKey, { lost, refused }) {
  const socket = new globalThis.Phoenix.Socket("/socket", { params: { api_key: apiKey } });
  let askedAt = Number.NEGATIVE_INFINITY;

  socket.onError(async () => {
    lost();
    if (performance.now() - askedAt < askAgainMs) return;
    askedAt = performance.now();
    if ((await handshakeStatus(apiKey)) !== 403) return;
    socket.disconnect();
    refused();
  });
  socket.onClose(({ code }) => code !== 1000 && lost());
  addEventListener("online", () => {
    if (!socket.isConnected()) socket.disconnect(() => socket.connect()); // phoenix.js may wait some seconds more
  });
  socket.connect();
  return socket;
}

async function handshakeStatus(apiKey) {
  const query = new URLSearchParams({ api_key: apiKey, vsn: "2.0.0" });
  try {
    return (await fetch(`/socket/websocket?${query}`)).status;
  } catch {
    return 0; // not reachable at all
  }
}
