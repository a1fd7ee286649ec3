import type { AddressInfo } from "node:net";

import { type WebSocket, WebSocketServer } from "ws";

type Push = (event: string, payload: object) => void;
type Handle = (message: {
  event: string;
  payload: Record<string, unknown>;
  push: Push;
  socket: WebSocket;
}) => object | undefined;

/** A minimal Phoenix server for tests of clients, with the V2 serializer. `handle` returns the response; undefined refuses. */
export async function startPhoenixStub(handle: Handle) {
  const server = new WebSocketServer({
    port: 0,
    host: "127.0.0.1",
    path: "/socket/websocket",
    verifyClient: ({ req }: { req: { url?: string } }) => req.url?.includes("api_key=k") === true,
  });
  server.on("connection", (socket) => {
    socket.on("message", (data: Buffer) => {
      const [joinRef, ref, topic, event, payload] = JSON.parse(data.toString());
      const send = (...frame: unknown[]) => socket.send(JSON.stringify(frame));
      const later: [string, object][] = [];
      const known = ["heartbeat", "phx_leave"].includes(event);
      const push: Push = (name, body) => void later.push([name, body]);
      const response = known ? {} : handle({ event, payload, push, socket });
      const status = response ? "ok" : "error";
      send(joinRef, ref, topic, "phx_reply", { status, response: response ?? { reason: "refused" } });
      for (const [name, body] of later) send(joinRef, null, topic, name, body);
    });
  });
  await new Promise<void>((resolve) => server.once("listening", resolve));
  return {
    // A TCP server has an address with a port.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose](): Promise<void> {
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
