import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { page } from "../client/support.ts";
import { gate } from "../support/gate.ts";
import { faults } from "../support/model-server.ts";
import { startOtlpServer } from "../support/otlp-server.ts";
import { start } from "../support/start.ts";
import { attemptOf, msOf, spansOf, tracedTo } from "./support.ts";

const otlp = await startOtlpServer();
const server = await start({ ...tracedTo(otlp), ENGINES: "+assistant", RATE_LIMIT_MESSAGES: "0" });
const client = await server.connect();

beforeEach(() => server.model.reset());
afterAll(async () => {
  await client.close();
  await server.close();
  await otlp.close();
});

const open = () => client.join(randomUUID());
const simple = { options: { engine: "simple" } } as const;

describe("a turn", () => {
  it("is one trace: the agent, its nodes, and a call of a model in each", async () => {
    const conversation = await open();
    const { reply, terminal } = await conversation.ask("Compare two databases", { options: { engine: "complex" } });
    const spans = await spansOf(otlp, reply.turn_id);
    const root = await attemptOf(otlp, reply.turn_id);
    const { usage, model_used } = terminal.payload.metadata ?? {};
    expect(root).toMatchObject({ name: "invoke_agent complex_conversation", kind: 1, status: { code: 0 } });
    expect(root.parentSpanId).toBeUndefined();
    expect(root.attributes).toMatchObject({
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.agent.name": "complex_conversation",
      "gen_ai.conversation.id": conversation.joins[0]?.conversation_id,
      "gen_ai.response.model": model_used,
      "gen_ai.usage.input_tokens": usage?.input_tokens,
      "gen_ai.usage.output_tokens": usage?.output_tokens,
      "gen_ai.response.time_to_first_chunk": expect.any(Number),
      "session.id": conversation.joins[0]?.session_id,
      "user.id": "user-a",
      "turn.engine": "complex",
      "turn.route": "complex_conversation",
      "turn.routing.decided_by": "client",
      "turn.llm_calls": usage?.llm_calls,
      "turn.status": "completed",
      "turn.queued_ms": expect.any(Number),
    });
    expect(root.attributes["gen_ai.response.time_to_first_chunk"]).toBeLessThanOrEqual(msOf(root) / 1_000);

    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([root.traceId]));
    const named = (name: string) => spans.filter((span) => span.name === name);
    const [engine] = named("complex");
    const parents = new Map(spans.map(({ spanId, name }) => [spanId, name]));
    for (const name of ["router", "complex"]) expect(named(name)[0]?.parentSpanId).toBe(root.spanId);
    for (const name of ["outline", "think", "respond"]) expect(named(name)[0]?.parentSpanId).toBe(engine?.spanId);
    const calls = named("chat test-model");
    expect(calls.map(({ parentSpanId = "" }) => parents.get(parentSpanId)).sort()).toEqual(
      ["outline", "respond", "think", "think"].slice(0, usage?.llm_calls),
    );
    const [call] = calls;
    expect(call?.kind).toBe(3);
    expect(call?.attributes).toMatchObject({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "test-model",
      "gen_ai.response.model": "test-model",
      "gen_ai.response.finish_reasons": ["stop"],
      "gen_ai.response.time_to_first_chunk": expect.any(Number),
      "gen_ai.usage.input_tokens": expect.any(Number),
      "gen_ai.usage.output_tokens": expect.any(Number),
    });
  });

  it("has a span for each tool call, below the node that ran it", async () => {
    server.model.next({ toolCalls: [{ name: "search_files", args: { query: "notice" }, id: "c1" }] }, "Nothing found.");
    const { reply } = await (await open()).ask("Search it", { options: { engine: "assistant" } });
    const spans = await spansOf(otlp, reply.turn_id);
    const tool = spans.find(({ name }) => name === "execute_tool search_files");
    expect(tool?.attributes).toMatchObject({
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "search_files",
      "gen_ai.tool.call.id": "c1",
      "gen_ai.tool.type": "function",
    });
    expect(spans.find(({ spanId }) => spanId === tool?.parentSpanId)?.name).toBe("tools");
    expect(spans.filter(({ name }) => name === "chat test-model").map(({ attributes }) => attributes)).toMatchObject([
      { "gen_ai.response.finish_reasons": ["tool_calls"] },
      { "gen_ai.response.finish_reasons": ["stop"], "gen_ai.response.time_to_first_chunk": expect.any(Number) },
    ]);
  });

  it("that fails says so by its code, and so does the call that failed", async () => {
    server.model.answer(() => ({ ...faults.unauthorized }));
    const { reply, terminal } = await (await open()).ask("Hi", simple);
    const spans = await spansOf(otlp, reply.turn_id);
    const failed = spans.filter(({ status }) => status.code === 2).map(({ name, attributes }) => [name, attributes]);
    expect(terminal.payload.details?.code).toBe("model_unavailable");
    expect(failed).toEqual([
      ["chat test-model", expect.objectContaining({ "error.type": "model_unavailable" })],
      ["simple", expect.objectContaining({ "error.type": "model_unavailable" })],
      ["invoke_agent simple_conversation", expect.objectContaining({ "error.type": "model_unavailable" })],
    ]);
    expect(spans.at(-1)?.attributes["turn.status"]).toBe("failed");
  });

  it("that is stopped has not failed, and leaves no span open", async () => {
    const conversation = await open();
    const held = gate();
    server.model.next({ text: "one two", gate: held });
    const { response } = await conversation.push("message", { content: "Hi", ...simple });
    await server.model.waitForRequest(() => true);
    await conversation.push("stop", { turn_id: response.turn_id });
    const spans = await spansOf(otlp, response.turn_id);
    held.open();
    expect(spans.map(({ name }) => name).sort()).toEqual([
      "chat test-model",
      "invoke_agent simple_conversation",
      "router",
      "simple",
    ]);
    expect(spans.filter(({ status }) => status.code === 2)).toEqual([]);
    expect(spans.at(-1)?.attributes["turn.status"]).toBe("stopped");
  });

  it("has as many spans as before, and no events, however long its answer is", async () => {
    const conversation = await open();
    const counts = [];
    for (const words of [1, 500]) {
      server.model.next({ text: "word ".repeat(words) });
      const { reply } = await conversation.ask("Hi", simple);
      const spans = await spansOf(otlp, reply.turn_id);
      counts.push([spans.length, spans.flatMap(({ events }) => events).length]);
    }
    expect(counts).toEqual([
      [4, 0],
      [4, 0],
    ]);
  });
});

describe("a client's traceparent", () => {
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const spanId = "b7ad6b7169203331";

  it("makes the turn a part of the client's trace; a regenerated turn has its own", async () => {
    const conversation = await open();
    const first = await conversation.ask("Hi", { ...simple, traceparent: `00-${traceId}-${spanId}-01` });
    expect(await attemptOf(otlp, first.reply.turn_id)).toMatchObject({ traceId, parentSpanId: spanId });
    const { response } = await conversation.push("regenerate", {});
    expect((await attemptOf(otlp, response.turn_id)).traceId).toBe(response.turn_id.replaceAll("-", ""));
  });

  it("is passed on by the typed client", async () => {
    const { conversation } = page(server.url, randomUUID());
    const turn = conversation.ask("Hi", { ...simple, traceparent: `00-${traceId}-${spanId}-01` });
    const { turn_id } = await turn.response;
    await conversation.leave();
    expect(await attemptOf(otlp, turn_id)).toMatchObject({ traceId, parentSpanId: spanId });
  });

  it("says that the client's trace is not sampled: nothing is sent", async () => {
    const conversation = await open();
    const silent = await conversation.ask("Hi", { ...simple, traceparent: `00-${traceId}-${spanId}-00` });
    const { reply } = await conversation.ask("Hi", simple);
    await attemptOf(otlp, reply.turn_id);
    expect(otlp.spans.filter(({ attributes }) => attributes["turn.id"] === silent.reply.turn_id)).toEqual([]);
  });

  it.each([
    "",
    "nonsense",
    `00-${"0".repeat(32)}-${spanId}-01`,
    `ff-${traceId}-${spanId}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    17,
    { traceId },
    null,
  ])("that is not one is ignored: %j", async (traceparent) => {
    const { reply, terminal } = await (await open()).ask("Hi", { ...simple, traceparent });
    expect(terminal.event).toBe("response");
    const root = await attemptOf(otlp, reply.turn_id);
    expect(root.traceId).toBe(reply.turn_id.replaceAll("-", ""));
    expect(root.parentSpanId).toBeUndefined();
  });
});

describe("what users, models and tools say", () => {
  const call = { toolCalls: [{ name: "search_files", args: { query: "canary-arguments" }, id: "c1" }] };
  const assistant = { options: { engine: "assistant" }, context: { note: "canary-context" } };

  it("is in no span", async () => {
    server.model.next(call, "canary-answer");
    const { reply } = await (await open()).ask("canary-question", assistant);
    const spans = await spansOf(otlp, reply.turn_id);
    expect(spans.length).toBeGreaterThan(4);
    expect(JSON.stringify(spans)).not.toContain("canary");
  });

  it("is in the spans of models and tools if the setting says so", async () => {
    const capture = { OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: "true" };
    await using open = await start({ ...tracedTo(otlp), ...capture, ENGINES: "+assistant" });
    await using visitor = await open.connect();
    open.model.next(call, "canary-answer");
    const { reply } = await (await visitor.join("told")).ask("canary-question", assistant);
    const spans = await spansOf(otlp, reply.turn_id);
    const [first, second] = spans.filter(({ name }) => name.startsWith("chat"));
    const json = (value: unknown) => JSON.parse(String(value));
    expect(json(first?.attributes["gen_ai.input.messages"]).at(-1)).toEqual({
      role: "user",
      parts: [{ type: "text", content: expect.stringContaining("canary-question") }],
    });
    expect(json(first?.attributes["gen_ai.output.messages"])).toEqual([
      {
        role: "assistant",
        parts: [{ type: "tool_call", id: "c1", name: "search_files", arguments: { query: "canary-arguments" } }],
        finish_reason: "tool_calls",
      },
    ]);
    expect(json(second?.attributes["gen_ai.output.messages"])).toMatchObject([
      { parts: [{ type: "text", content: "canary-answer" }] },
    ]);
    const tool = spans.find(({ name }) => name.startsWith("execute_tool"))?.attributes;
    expect(tool?.["gen_ai.tool.call.arguments"]).toContain("canary-arguments");
    expect(tool?.["gen_ai.tool.call.result"]).toEqual(expect.any(String));
  });
});
