import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, expect, it } from "vitest";

import { gate, isStructured, isText, smartReply } from "../support/model-server.ts";
import { start } from "../support/start.ts";
import { metric } from "./metrics.ts";

const server = await start({ RATE_LIMIT_MESSAGES: "0", RATE_LIMIT_JOINS: "0" });
const client = await server.connect();

beforeEach(() => server.model.reset());
afterAll(async () => {
  await client.close();
  await server.close();
});

/** The metrics for an engine, `router` or `summary`. */
async function spentOn(engine: string) {
  const [calls, input, output] = await Promise.all(
    [
      `model_calls_total{engine="${engine}"}`,
      `model_tokens_total{engine="${engine}",direction="input"}`,
      `model_tokens_total{engine="${engine}",direction="output"}`,
    ].map((series) => metric(server.http, series)),
  );
  return { calls, input, output };
}

it("the spending of summaries is in the metrics", async () => {
  server.model.answer(({ system }) =>
    system.includes("memory of a conversation") ? { text: "Numbers.", usage: { input: 700, output: 70 } } : undefined,
  );
  const conversation = await client.join(randomUUID());
  for (let turn = 1; turn <= 21; turn += 1)
    await conversation.ask(`question ${turn}`, { options: { engine: "simple" } });
  const summary = await server.model.waitForRequest(({ system }) => system.includes("memory of a conversation"));
  await summary.closed;
  await expect.poll(() => spentOn("summary")).toEqual({ calls: 1, input: 700, output: 70 });
});

it.each([
  ["stopped", "analysis", "stop"],
  ["reset", "problem_solving", "new_conversation"],
])("what a turn had taken when it was %s is in the metrics", async (_how, engine, event) => {
  const door = gate();
  const usage = { input: 100, output: 10 };
  server.model.nextFor(isStructured, (request) => ({ ...smartReply(request), usage }));
  server.model.nextFor(isText, { text: "one two three", gate: door });
  const conversation = await client.join(randomUUID());
  const { response } = await conversation.push("message", { content: "Go", options: { engine } });
  door.release();
  await conversation.next("response_delta");
  expect((await conversation.push(event)).status).toBe("ok");
  await conversation.turn(response.turn_id);
  await server.model.requests.at(-1)?.closed;
  expect(await spentOn(engine)).toEqual({ calls: 2, input: 100, output: 10 });
});

it("the spending of the router is in the metrics, even for a turn that is reset while it is routed", async () => {
  server.model.nextFor(isStructured, { stallAfter: "request" });
  const conversation = await client.join(randomUUID());
  const before = await spentOn("router");
  const { response } = await conversation.push("message", { content: "Go" });
  await server.model.waitForRequest(1);
  await conversation.push("new_conversation");
  await conversation.turn(response.turn_id);
  expect((await spentOn("router")).calls).toBe((before.calls ?? 0) + 1);
});
