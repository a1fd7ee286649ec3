import type { Socket } from "phoenix";

/** A connection that lasted this long counts as stable. */
const steadyMs = 5_000;

/** A phoenix.js internal that is missing from its types. It is the same in all versions. */
interface WithReconnectTimer {
  reconnectTimer?: { tries: number };
}

interface ConnectionListeners {
  /** A connection was lost, or could not be made; with the close code. */
  lost: (code: number) => void;
  /** The server did not take the connection. */
  unopened?: () => void;
}

/**
 * Reports each lost connection. phoenix.js waits longer after each failed attempt, but starts over with every connection, so
 * it would reconnect without a pause to a server or proxy that accepts and closes at once. Here connections that end early
 * count as failed attempts. Returns a function that stops this.
 */
export function followConnection(
  socket: Socket & WithReconnectTimer,
  { lost, unopened }: ConnectionListeners,
): () => void {
  let early = 0;
  let isOpen = socket.isConnected();
  let steady: ReturnType<typeof setTimeout> | undefined;

  function opened(): void {
    isOpen = true;
    const timer = socket.reconnectTimer;
    if (timer) timer.tries = Math.max(timer.tries, early);
    early += 1;
    steady = setTimeout(() => {
      early = 0;
      if (timer) timer.tries = 0;
    }, steadyMs);
  }

  const refs = [
    socket.onOpen(opened),
    socket.onClose(({ code }) => {
      clearTimeout(steady);
      lost(code);
      if (!isOpen) unopened?.();
      isOpen = false;
    }),
  ];
  return () => {
    clearTimeout(steady);
    socket.off(refs);
  };
}
