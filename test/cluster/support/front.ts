import { createServer, connect as dial, type Socket } from "node:net";

export type Front = Awaited<ReturnType<typeof front>>;

/** A load balancer without health checks: each connection goes to the next of these ports at which somebody listens. */
export async function front(ports: readonly number[]) {
  const sockets = new Set<Socket>();
  const closed = new Set<number>();
  let turn = 0;

  const server = createServer((client) => {
    track(client);
    turn += 1;
    const order = ports.map((_, index) => ports[(turn + index) % ports.length] ?? 0);
    reach(
      client,
      order.filter((port) => !closed.has(port)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");

  function track(socket: Socket): void {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  }

  function reach(client: Socket, [port, ...others]: number[]): void {
    if (port === undefined) return void client.destroy();
    const node = dial(port, "127.0.0.1");
    const next = () => reach(client, others);
    node.once("error", next);
    node.once("connect", () => {
      node.off("error", next);
      track(node);
      node.pipe(client);
      client.pipe(node);
      node.on("close", () => client.destroy());
      client.on("close", () => node.destroy());
    });
  }

  return {
    http: `http://127.0.0.1:${address.port}`,
    /** For phoenix.js. */
    url: `ws://127.0.0.1:${address.port}/socket`,
    /** Sends no new connections to this port, or sends them again. */
    exclude: (port: number) => void closed.add(port),
    include: (port: number) => void closed.delete(port),
    async close(): Promise<void> {
      const ended = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await ended;
    },
  };
}
