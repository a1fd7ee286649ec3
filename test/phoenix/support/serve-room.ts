import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { ConnectAttempt, ConnectResult } from "../../../src/phoenix/channel.ts";
import { type SocketOptions, serveSocket } from "../../../src/transport/serve.ts";
import { type Assigns, roomChannel } from "./room-channel.ts";

/** The statistics of a server without clients. */
export const nothingOpen = { sockets: 0, longPollSessions: 0, channels: 0, longestBacklog: 0, waitingBytes: 0 };

/**
 * Serves the test channel on `room:*` and `exact` over a real HTTP server, which closes after the test.
 * A concurrent test has to pass its own `onTestFinished`.
 */
export async function serveRoom(overrides: Partial<SocketOptions<Assigns>> = {}, finished = onTestFinished) {
  const attempts: ConnectAttempt[] = [];
  const logged: { level: string; message: string; fields: object }[] = [];
  const note = (level: string) => (fields: object, message: string) => {
    logged.push({ level, message, fields });
  };
  const room = roomChannel((...broadcast) => sockets.broadcast(...broadcast));
  const sockets = serveSocket<Assigns>({
    mount: "/socket",
    routes: { exact: room.channel, "room:*": room.channel },
    connect: (attempt) => {
      attempts.push(attempt);
      return connect(attempt);
    },
    log: { debug: note("debug"), warn: note("warn"), error: note("error") },
    ...overrides,
  });

  const server = createServer((request, response) => {
    if (!sockets.request(request, response)) response.writeHead(404).end();
  });
  server.on("upgrade", sockets.upgrade);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  finished(async () => {
    await sockets.close();
    server.closeAllConnections();
    server.close();
  });
  return { sockets, room, attempts, logged, server, port, url: `ws://127.0.0.1:${port}/socket` };
}

function connect({ params }: ConnectAttempt): ConnectResult<Assigns> {
  if (params.api_key === "bad") return { refused: 403 };
  if (params.api_key === "limited") return { refused: 429, headers: { "retry-after": "7" } };
  if (params.api_key === "boom") throw new Error("connect boom");
  const name = typeof params.name === "string" ? params.name : "someone";
  return { assigns: { name }, id: `user:${name}` };
}
