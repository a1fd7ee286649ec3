// The bare relay: reads the model server's events with fetch, and sends the same frames as the server under test over a bare `ws` server.
// No validation, no storage, no state. With a path that ends in `?each` it sends one frame per token, otherwise one per network read.
import { createServer } from "node:http";
import { type RawData, type WebSocket, WebSocketServer } from "ws";

import { events } from "../client/events.ts";
import { listening } from "./listening.ts";

const model = `${process.env.OPENAI_BASE_URL}/chat/completions`;
const headers = { "content-type": "application/json", authorization: "Bearer none" };

const http = createServer();
const sockets = new WebSocketServer({ server: http, clientTracking: false, perMessageDeflate: false });
sockets.on("connection", (socket, request) => {
  const isEach = request.url?.endsWith("each") ?? false;
  socket.on("message", (data: RawData) => {
    const [joinRef, ref, topic, event, payload] = JSON.parse(data.toString());
    socket.send(JSON.stringify([joinRef, ref, topic, "phx_reply", { status: "ok", response: {} }]));
    if (event === "message") void relay(socket, `[${joinRef},null,"${topic}",`, payload.content, isEach);
  });
});
listening(http);

async function relay(socket: WebSocket, prefix: string, content: string, isEach: boolean): Promise<void> {
  const turn_id = crypto.randomUUID();
  const body = JSON.stringify({ model: "bench", stream: true, messages: [{ role: "user", content }] });
  const response = await fetch(model, { method: "POST", headers, body });
  let offset = 0;
  let answer = "";
  const delta = (text: string) => {
    socket.send(`${prefix}"response_delta",${JSON.stringify({ turn_id, offset, text })}]`);
    offset += text.length;
  };
  for await (const texts of events(response)) {
    if (isEach) texts.forEach(delta);
    else delta(texts.join(""));
    answer += texts.join("");
  }
  socket.send(`${prefix}"response",${JSON.stringify({ turn_id, query: content, response: answer })}]`);
}
