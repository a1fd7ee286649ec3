import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { parentPort } from "node:worker_threads";

import { connect } from "../support/client.ts";
import { simple } from "../support/conversation.ts";
import type { ChatBody } from "../support/model-request.ts";
import { fillSchema, type JsonSchema } from "../support/schema-filler.ts";
import { adversarialTexts } from "./adversarial-texts.ts";

// Runs in a worker: a model that says the adversarial texts, and the conversation of another user, which measures how long it waits.

const pieceUnits = 16_384;
/** In UTF-16 units. A longer reply to a step fails at once. */
const stepUnits = 250_000;
const pingEveryMs = 10;

if (!parentPort) throw new Error("This runs in a worker.");
const test = parentPort;
let steps = 0;
const waits: number[] = [];

const server = createServer(async (request, response) => {
  const body: unknown = await json(request);
  reply(body as ChatBody, response); // sent by our own server
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
test.postMessage(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`); // a TCP server has an address with a port
const [url] = await once(test, "message");
test.on("message", () => test.postMessage(waits.splice(0)));

const client = await connect(url, { apiKey: "key-b" });
const conversation = await client.join("quiet");
for (;;) {
  const from = performance.now();
  await conversation.ask("ping", simple, 120_000);
  waits.push(performance.now() - from);
  await pause(pingEveryMs);
}

function reply({ messages, response_format, tools }: ChatBody, response: ServerResponse): void {
  const question = String(messages.at(-1)?.content);
  const name = Object.keys(adversarialTexts).find((one) => question.startsWith(one));
  const text = name === undefined ? "pong" : (adversarialTexts[name] ?? "");
  const schema = response_format?.json_schema?.schema ?? tools?.[0]?.function.parameters;
  const said = schema ? step(text, schema) : text;
  const call = tools?.[0] && { index: 0, id: "call_0", type: "function", function: { name: tools[0].function.name } };
  if (call) send(response, { tool_calls: [call] });
  for (let at = 0; at < said.length; at += pieceUnits) {
    const piece = said.slice(at, at + pieceUnits);
    send(response, call ? { tool_calls: [{ index: 0, function: { arguments: piece } }] } : { content: piece });
  }
  send(response, {}, "stop");
  response.end("data: [DONE]\n\n");
}

/** By turns the text itself, and a fitting object whose texts are from it. */
function step(text: string, schema: JsonSchema): string {
  steps += 1;
  if (steps % 2 === 0) return text.slice(0, stepUnits);
  const object = fillSchema(schema);
  const texts = JSON.stringify(object).split('"').length / 2;
  const share = Math.floor(stepUnits / 6 / texts); // as JSON, a character may take six
  return JSON.stringify(object, (_key, value) => (typeof value === "string" ? text.slice(0, share) : value));
}

function send(response: ServerResponse, delta: object, finish_reason: string | null = null): void {
  response.write(`data: ${JSON.stringify({ id: "1", model: "m", choices: [{ index: 0, delta, finish_reason }] })}\n\n`);
}
