import type { Socket } from "phoenix";

/** A connection that lasted this long was a good one. */
const steadyMs = 5_000;

/** Of phoenix.js, and the same in all its versions; not part of its types. */
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
 * Reports each lost connection. phoenix.js waits longer after each failed attempt to connect, but starts
 * over with every connection, so that a server or a proxy that accepts and closes at once would be asked without end.
 * Here connections that end early count as failed attempts. Returns a function that ends this.
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
