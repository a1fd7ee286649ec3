/** Below the page's own address, whatever path a proxy puts in front of it. */
const socketPath = new URL("socket", location.href).pathname;

/** The minimum time between two checks of why the connection fails. */
const checkAgainMs = 5_000;

/** How long a WebSocket may take before long poll is tried instead: some proxies block WebSockets. */
const longPollFallbackMs = 2_500;

/** Long poll is not remembered: the next page may be on another network. */
const noMemory = { getItem: () => null, setItem() {} };

/**
 * Opens the socket. phoenix.js reconnects by itself; `lost` is called whenever the connection fails. Browsers do not tell
 * why a handshake failed, so this requests the same URL over HTTP: on 403, the key is invalid, and `refused` is asked for
 * another one.
 */
export function connect(firstKey, { lost, refused }) {
  const { Socket } = globalThis.Phoenix;
  const params = () => ({ api_key: apiKey });
  const socket = new Socket(socketPath, { params, longPollFallbackMs, sessionStorage: noMemory });
  let apiKey = firstKey;
  let isRefused = false;
  let checkedAt = Number.NEGATIVE_INFINITY;

  socket.onError(async () => {
    lost();
    if (isRefused || performance.now() - checkedAt < checkAgainMs) return;
    checkedAt = performance.now();
    if ((await handshakeStatus(apiKey)) !== 403) return;
    isRefused = true;
    socket.disconnect();
    apiKey = await refused();
    isRefused = false;
    checkedAt = Number.NEGATIVE_INFINITY;
    socket.replaceTransport(WebSocket); // the refusal made phoenix.js try long poll
    socket.connect();
  });
  socket.onClose(({ code }) => code !== 1000 && lost());
  socket.onMessage(() => {
    socket.longPollFallbackMs = undefined; // a WebSocket that has worked is not blocked, only interrupted
  });
  addEventListener("online", () => {
    if (!isRefused && !socket.isConnected()) socket.disconnect(() => socket.connect()); // now; phoenix.js might wait for seconds
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
