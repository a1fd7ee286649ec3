import { once } from "node:events";
import { createServer } from "node:net";

/** For programs that cannot choose a port themselves. Above the ephemeral ports, so that it stays free until they listen, and between two of them. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 61_000 + Math.floor(Math.random() * 4_500);
    const probe = createServer();
    try {
      await once(probe.listen(port, "127.0.0.1"), "listening");
      probe.close();
      await once(probe, "close");
      return port;
    } catch {} // another program has it
  }
}
