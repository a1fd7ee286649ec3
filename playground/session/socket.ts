import { Socket } from "phoenix";

import { apiKey } from "./api-key.ts";

/** Below the page's own address, whatever path a proxy puts in front of it. */
const socketPath = new URL("socket", location.href).pathname;

/** How long a WebSocket may take before long poll is tried instead: some proxies block WebSockets. */
const longPollFallbackMs = 2_500;

/** Long poll is not remembered: the next page may be on another network. */
const noMemory = { getItem: () => null, setItem() {}, removeItem() {}, clear() {}, key: () => null, length: 0 };

/** Of phoenix.js, but not part of its types. */
type PageSocket = Socket & { longPollFallbackMs?: number | undefined; replaceTransport(transport: unknown): void };

/** The page's socket. phoenix.js reconnects by itself. */
export const socket = new Socket(socketPath, {
  params: () => ({ api_key: apiKey.value }),
  ...{ longPollFallbackMs, sessionStorage: noMemory },
}) as PageSocket;

/** Connects with the key, and again with the next one after it was refused. */
export function connect(): void {
  if (socket.isConnected()) return;
  socket.longPollFallbackMs = longPollFallbackMs;
  socket.replaceTransport(WebSocket); // after a refusal, phoenix.js tries long poll
  socket.connect();
}

/** Follows what the browser knows of the connection. */
export function watchNetwork(): void {
  socket.onMessage(() => {
    socket.longPollFallbackMs = undefined; // a WebSocket that has worked is not blocked, only interrupted
  });
  addEventListener("online", () => {
    if (apiKey.value && !socket.isConnected()) socket.disconnect(() => socket.connect()); // now; phoenix.js might wait for seconds
  });
}
