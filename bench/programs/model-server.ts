// A model server that costs as little CPU as possible: all bytes are prepared, and one timer drives all streams. The pace of an answer is
// taken from the request's last message, which may contain `bench {"tokens":10,"firstMs":0,"everyMs":0,"atOnce":1,"gated":false}`.
// Structured requests get a fixed answer of that shape.
import { createServer } from "node:http";

import { listening } from "./listening.ts";
import { closeGate, openGate, type Pace, stream, waiting } from "./model-stream.ts";

const defaultPace: Pace = { tokens: 10, firstMs: 0, everyMs: 0, atOnce: 1, gated: false };

/** Structured answers by the name of the schema. */
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
  const pace = /\bbench (\{.*?\})/.exec(content)?.[1];
  const text = shapes[response_format?.json_schema?.name];
  return { ...defaultPace, ...(pace && JSON.parse(pace)), ...(text && { text }) };
}
