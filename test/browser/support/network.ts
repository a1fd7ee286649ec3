import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export type Network = Awaited<ReturnType<typeof network>>;

/** A TCP proxy between browser and server that can be taken down. */
export async function network(serverUrl: string) {
  const { hostname, port } = new URL(serverUrl);
  const connections = new Set<Socket>();
  let isDown = false;

  const server = createServer((near) => {
    if (isDown) return void near.destroy();
    const far = connect(Number(port), hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      connections.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        connections.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A TCP server's address is an object with a port.
  const { port: ownPort } = server.address() as AddressInfo;

  function cut(): void {
    for (const connection of connections) connection.destroy();
  }

  return {
    url: `http://127.0.0.1:${ownPort}`,
    /** Breaks all connections and refuses new ones. */
    down(): void {
      isDown = true;
      cut();
    },
    up(): void {
      isDown = false;
    },
    async close(): Promise<void> {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
