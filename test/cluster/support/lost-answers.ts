import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** Ends the statement, and the server's answer to it. */
const commit = "COMMIT\0";

/** A way to a database on which answers get lost. */
export async function lossyWay(databaseUrl: string) {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let losses = 0;
  let toLose = 0;

  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    let isLosing = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => {}); // closes
      socket.once("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (bytes) => {
      if (toLose > 0 && bytes.includes(commit)) {
        toLose -= 1;
        isLosing = true;
      }
      upstream.write(bytes);
    });
    upstream.on("data", (bytes) => {
      if (!isLosing) client.write(bytes);
      else if (bytes.includes(commit)) {
        losses += 1;
        client.resetAndDestroy();
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");

  return {
    url: Object.assign(new URL(databaseUrl), { port: String(address.port) }).toString(),
    /** The next transactions are committed, but whoever committed them gets no answer, and loses the connection. */
    loseCommits(count: number): void {
      toLose = count;
    },
    get losses() {
      return losses;
    },
    async close(): Promise<void> {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}
