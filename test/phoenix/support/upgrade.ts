import { once } from "node:events";
import { type IncomingMessage, type OutgoingHttpHeaders, request } from "node:http";

const UPGRADE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** Sends a WebSocket handshake and returns the answer's status, headers and body. A header set to undefined is not sent. */
export async function upgrade(port: number, path: string, headers: OutgoingHttpHeaders = {}, method = "GET") {
  return ask(port, path, { ...UPGRADE, ...headers }, method);
}

export async function ask(port: number, path: string, headers: OutgoingHttpHeaders = {}, method = "GET") {
  const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
  const asked = request({ port, host: "127.0.0.1", path, method, headers: given, agent: false });
  asked.end();
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.once("error", reject);
    asked.once("response", resolve);
    asked.once("upgrade", (upgraded, socket) => {
      socket.destroy();
      resolve(upgraded);
    });
  });
  let body = "";
  if (response.statusCode !== 101) {
    response.setEncoding("utf8").on("data", (chunk) => {
      body += chunk;
    });
    await once(response, "end");
  }
  return { status: response.statusCode, headers: response.headers, body };
}
