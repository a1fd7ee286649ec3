import type { Socket } from "../phoenix/socket.ts";
import type { Registry } from "./registry.ts";

const LOOK_AGAIN_MS = 25;

/**
 * Closes all sockets with 1012: those that wait for nothing spread evenly over `spreadMs`, so that their clients do not
 * all return at once; the others as soon as they wait for nothing, and at last after `timeoutMs`.
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
    // A handshake that was already under way may have added one.
    for (const socket of registry.all()) {
      const waitsForNothing = !socket.busy && socket.transport.bufferedBytes === 0;
      if ((elapsed >= (due.get(socket) ?? 0) && waitsForNothing) || elapsed >= timeoutMs) {
        socket.close(1012, "service restart");
      }
    }
  };
  closeDue();
  const timer = setInterval(closeDue, LOOK_AGAIN_MS);
  await registry.emptied();
  clearInterval(timer);
}
