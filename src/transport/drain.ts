import type { Socket } from "../phoenix/socket.ts";
import type { Registry } from "./registry.ts";

const CHECK_INTERVAL_MS = 25;

/**
 * Closes all sockets with 1012. Idle ones close evenly over `spreadMs`, so that their clients do not all reconnect at
 * once. Busy ones close as soon as they are idle, or after `timeoutMs` at the latest.
 */
export async function drain<Assigns>(
  registry: Registry<Assigns>,
  { spreadMs, timeoutMs }: { spreadMs: number; timeoutMs: number },
): Promise<void> {
  const startedAt = performance.now();
  const sockets = registry.all();
  const due = new Map<Socket<Assigns>, number>();
  for (const [at, socket] of sockets.entries()) due.set(socket, (spreadMs * at) / sockets.length);

  const closeDue = () => {
    const elapsed = performance.now() - startedAt;
    // A pending handshake may have added a socket that is not in `due`.
    for (const socket of registry.all()) {
      const isIdle = !socket.busy && socket.transport.bufferedBytes === 0;
      if ((elapsed >= (due.get(socket) ?? 0) && isIdle) || elapsed >= timeoutMs) {
        socket.close(1012, "service restart");
      }
    }
  };
  closeDue();
  const timer = setInterval(closeDue, CHECK_INTERVAL_MS);
  await registry.emptied();
  clearInterval(timer);
}
