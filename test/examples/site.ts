import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { extname, join, normalize } from "node:path";

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

export type Site = Awaited<ReturnType<typeof site>>;

/** Serves a folder, and passes `/socket` on to the server at `backend`, as a reverse proxy in production does. */
export async function site(folder: string, backend: string) {
  const { hostname, port } = new URL(backend);
  const tunnels = new Set<Socket>();
  let isDown = false;

  const server = createServer((incoming, response) => {
    const isForServer = incoming.url?.startsWith("/socket");
    if (isForServer && isDown) incoming.destroy();
    else if (isForServer) forward(incoming, response);
    else void sendFile(incoming.url ?? "/", response);
  });

  function forward(incoming: IncomingMessage, response: ServerResponse): void {
    const { url, method, headers } = incoming;
    const outgoing = request({ hostname, port, path: url, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on("error", () => response.destroy());
    incoming.pipe(outgoing);
  }

  async function sendFile(url: string, response: ServerResponse): Promise<void> {
    const path = normalize(new URL(url, backend).pathname);
    const file = join(folder, path.endsWith("/") ? `${path}index.html` : path);
    const found = await stat(file).catch(() => undefined);
    if (path === "/favicon.ico") return void response.writeHead(204).end();
    if (!found?.isFile()) return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" });
    createReadStream(file).pipe(response);
  }

  server.on("upgrade", (incoming: IncomingMessage, near: Socket, head: Buffer) => {
    if (isDown) return void near.destroy();
    const far = connect(Number(port), hostname, () => {
      const { rawHeaders } = incoming;
      const lines = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : []));
      far.write(`${[`${incoming.method} ${incoming.url} HTTP/1.1`, ...lines].join("\r\n")}\r\n\r\n`);
      far.write(head);
      near.pipe(far).pipe(near);
    });
    tunnels.add(near);
    near.on("close", () => {
      tunnels.delete(near);
      far.destroy();
    });
    near.on("error", () => far.destroy());
    far.on("error", () => near.destroy());
    far.on("close", () => near.destroy());
  });

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A TCP server's address is an object with a port.
  const { port: ownPort } = server.address() as AddressInfo;

  function cut(): void {
    for (const tunnel of tunnels) tunnel.destroy();
  }

  return {
    url: `http://127.0.0.1:${ownPort}`,
    /** Cuts the connections to the server and refuses new ones; the page's files are still served. */
    down(): void {
      isDown = true;
      cut();
    },
    up(): void {
      isDown = false;
    },
    async close(): Promise<void> {
      cut();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
