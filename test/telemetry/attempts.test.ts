import { afterAll, beforeAll, expect, it } from "vitest";

import { type Asking, script, startAsking } from "../stock/asking-engine.ts";
import { type OtlpServer, startOtlpServer } from "../support/otlp-server.ts";
import { isLong } from "../support/size.ts";
import { attemptOf, tracedTo } from "./support.ts";

let otlp: OtlpServer;
let asking: Asking;

beforeAll(async () => {
  otlp = await startOtlpServer();
  asking = await startAsking(tracedTo(otlp));
});

afterAll(async () => {
  await asking[Symbol.asyncDispose]();
  await otlp.close();
});

it("a turn that goes on after a wait links to its span before the wait, also in another process", async () => {
  await using client = await asking.connect();
  const conversation = await client.join("waits");
  const { response } = await conversation.push("message", script({ ask: 1 }));
  const { turn_id, requests } = await conversation.next("input_requested");
  const before = await attemptOf(otlp, response.turn_id);
  expect(before.attributes).toMatchObject({ "turn.status": "waiting", "turn.route": "asking_conversation" });
  expect(before.status.code).toBe(0);
  expect(before.events).toEqual([{ name: "turn.waits", attributes: { "turn.waits.questions": 1 } }]);

  await asking.restart();
  await using again = await asking.connect();
  const rejoined = await again.join("waits");
  const responses = requests.map(({ interrupt_id }) => ({ interrupt_id, value: "yes" }));
  await rejoined.push("respond", { turn_id, responses });
  const after = await attemptOf(otlp, turn_id, 2);
  expect(after.traceId).toBe(before.traceId);
  expect(after.links).toMatchObject([{ traceId: before.traceId, spanId: before.spanId }]);
  expect(after.events).toEqual([{ name: "turn.resumed", attributes: { "turn.resumed.after": "wait" } }]);
  expect(after.attributes["turn.status"]).toBe("completed");
});

it.runIf(isLong)("a turn that goes on after its process was killed links to the span that was never sent", async () => {
  await using client = await asking.connect();
  const conversation = await client.join("killed");
  const until = asking.file();
  const content = script({ tool: "slow", file: asking.file(), until, repeatable: true });
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const { response } = await conversation.push("message", { ...content, traceparent });
  await conversation.next("tool_call", ({ stage }) => stage === "output");
  asking.touch(until);
  await asking.restart();
  const after = await attemptOf(otlp, response.turn_id, 2);
  expect(after.traceId).toBe("0af7651916cd43dd8448eb211c80319c");
  expect(after.parentSpanId).toBe("b7ad6b7169203331");
  expect(after.links).toMatchObject([{ traceId: after.traceId, attributes: { "turn.earlier_attempt": 1 } }]);
  expect(after.events).toEqual([{ name: "turn.resumed", attributes: { "turn.resumed.after": "takeover" } }]);
});

it.runIf(isLong)(
  "a turn that a drain interrupts says that it was released, and is sent before the process ends",
  async () => {
    await using client = await asking.connect();
    const conversation = await client.join("drained");
    const until = asking.file();
    const content = script({ say: "One " }, { tool: "slow", file: asking.file(), until, repeatable: true });
    const { response } = await conversation.push("message", content);
    await conversation.next("tool_call", ({ stage }) => stage === "output");
    await asking.restart({ signal: "SIGINT" });
    asking.touch(until);
    const [before, after] = await Promise.all([
      attemptOf(otlp, response.turn_id),
      attemptOf(otlp, response.turn_id, 2),
    ]);
    expect(before.attributes["turn.status"]).toBe("released");
    expect(before.events).toEqual([{ name: "turn.released", attributes: {} }]);
    expect(after.links).toMatchObject([{ spanId: before.spanId }]);
  },
);
