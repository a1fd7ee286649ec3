// A model server as cheap as Node can be: all bytes are made once, one timer drives all streams. What a request's last
// message says decides the answer: `bench {"tokens":10,"firstMs":0,"everyMs":0,"atOnce":1,"gated":false}`.
import { createServer } from "node:http";

import { listening } from "./listening.ts";
import { closeGate, openGate, type Pace, stream, waiting } from "./model-stream.ts";

const usual: Pace = { tokens: 10, firstMs: 0, everyMs: 0, atOnce: 1, gated: false };

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", async () => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://model");
    if (pathname.endsWith("/chat/completions")) return stream(response, paceOf(Buffer.concat(parts).toString()));
    if (pathname === "/waiting") await waiting(Number(searchParams.get("streams")));
    if (pathname === "/open") openGate();
    if (pathname === "/close") closeGate();
    response.end();
  });
});
server.keepAliveTimeout = 60_000;
listening(server);

function paceOf(body: string): Pace {
  const { content = "" } = JSON.parse(body).messages.at(-1) ?? {};
  const wish = /^bench (\{.*?\})/.exec(content)?.[1];
  return wish ? { ...usual, ...JSON.parse(wish) } : usual;
}
