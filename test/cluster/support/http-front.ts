import { createServer, type IncomingMessage, type ServerResponse, request as send } from "node:http";

/** A load balancer for HTTP without sticky sessions: each request goes to the next of these ports at which somebody listens. */
export async function httpFront(ports: readonly number[]) {
  const served = new Map<number, number>();
  let turn = 0;

  const server = createServer((request, response) => {
    turn += 1;
    const order = ports.map((_, index) => ports[(turn + index) % ports.length] ?? 0);
    void collected(request).then((body) => forward(order, request, body, response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");

  function forward(
    [port, ...others]: number[],
    request: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
  ): void {
    if (port === undefined) return void response.destroy();
    const { method, url, headers } = request;
    const passed = send({ port, host: "127.0.0.1", method, path: url, headers, agent: false });
    let isConnected = false;
    passed.on("socket", (socket) =>
      socket.once("connect", () => {
        isConnected = true;
        served.set(port, (served.get(port) ?? 0) + 1);
      }),
    );
    passed.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.on("error", () => response.destroy());
    });
    passed.on("error", () => (isConnected ? response.destroy() : forward(others, request, body, response)));
    response.on("close", () => passed.destroy());
    passed.end(body);
  }

  return {
    /** For phoenix.js. */
    url: `ws://127.0.0.1:${address.port}/socket`,
    /** How many requests went to each port. */
    served,
    async close(): Promise<void> {
      const ended = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await ended;
    },
    async [Symbol.asyncDispose]() {
      await this.close();
    },
  };
}

async function collected(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}
