// A model server as cheap as Node can be: all bytes are made once, one timer drives all streams. What a request's last
// message says decides the answer: `bench {"tokens":10,"firstMs":0,"everyMs":0,"atOnce":1,"gated":false}`, also at its end.
// What is asked for in a shape is answered in that shape.
import { createServer } from "node:http";

import { listening } from "./listening.ts";
import { closeGate, openGate, type Pace, stream, waiting } from "./model-stream.ts";

const usual: Pace = { tokens: 10, firstMs: 0, everyMs: 0, atOnce: 1, gated: false };

/** Answers by the name of the schema that is asked for. */
const shapes: Record<string, string> = {
  route: JSON.stringify({ type: "generation", confidence: 0.9, reason: "code is wanted", standalone_question: "" }),
  plan: JSON.stringify({ steps: ["write it"] }),
};

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
  const { messages, response_format } = JSON.parse(body);
  const { content = "" } = messages.at(-1) ?? {};
  const wish = /\bbench (\{.*?\})/.exec(content)?.[1];
  const text = shapes[response_format?.json_schema?.name];
  return { ...usual, ...(wish && JSON.parse(wish)), ...(text && { text }) };
}
