// A bare `ws` server that echoes every frame.
import { createServer } from "node:http";
import { type RawData, WebSocketServer } from "ws";

import { listening } from "./listening.ts";

const http = createServer();
const sockets = new WebSocketServer({ server: http, clientTracking: false, perMessageDeflate: false });
sockets.on("connection", (socket) => {
  socket.on("message", (data: RawData) => socket.send(data, { binary: false }));
});
listening(http);
