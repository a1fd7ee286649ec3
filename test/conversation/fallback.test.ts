import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { simple } from "../support/conversation.ts";
import { cutAfter, faults, gate, type ModelRequest, type Reply } from "../support/model-server.ts";
import { start } from "../support/start.ts";

const server = await start({
  RATE_LIMIT_MESSAGES: "0",
  RATE_LIMIT_JOINS: "0",
  MODEL_TIMEOUT_MS: "400",
  FALLBACK_MODELS: "second,third",
});
const client = await server.connect();

beforeEach(() => server.model.reset());
afterAll(async () => {
  await client.close();
  await server.close();
});

const of = (model: string) => (request: ModelRequest) => request.model === model;
const models = () => server.model.requests.map(({ model }) => model);
const join = () => client.join(crypto.randomUUID());

describe("a fallback model", () => {
  it.each([
    ["is refused", { ...faults.badRequest }],
    ["refuses", { ...faults.refusal }],
    ["is silent", { ...faults.hang }],
    ["has no time", { ...faults.quotaExceeded, headers: { "retry-after": "3600" } }],
  ])("a fallback model answers when the first %s", async (_what, fault) => {
    server.model.nextFor(of("test-model"), fault);
    server.model.nextFor(of("second"), { text: "From the second" });
    const { terminal, deltas, text } = await (await join()).ask("Hi", simple);
    expect(terminal.payload).toMatchObject({
      response: "From the second",
      metadata: { fallback_model: "second", model_used: "second", usage: { llm_calls: 2 } },
    });
    expect(text).toBe("From the second");
    expect(deltas.some(({ restart }) => restart)).toBe(false);
    expect(models()).toEqual(["test-model", "second"]);
  });

  it.each([
    ["cut", cutAfter(3)],
    ["stalled", { text: "one two three", stallAfter: 2 }],
    ["refused in the middle", { ...faults.contentFilter, chunkDelayMs: 20 }],
  ])("a fallback model takes over an answer that was %s, and restarts the text", async (_what, fault: Reply) => {
    server.model.nextFor(of("test-model"), fault);
    server.model.nextFor(of("second"), { text: "From the second" });
    const conversation = await join();
    const { terminal, deltas, text } = await conversation.ask("Hi", simple);
    const restarts = deltas.filter(({ restart }) => restart);
    expect(restarts).toMatchObject([{ offset: 0, restart: true }]);
    expect(deltas[0]).not.toHaveProperty("restart");
    expect(text).toBe("From the second");
    expect(terminal.payload).toMatchObject({
      response: text,
      metadata: { fallback_model: "second", usage: { llm_calls: 2 } },
    });
    await conversation.ask("Next", simple);
    expect(server.model.requests.at(-1)?.messages.map(({ content }) => content)).toContain("From the second");
    expect(server.model.requests.at(-1)?.rawBody).not.toContain("one two");
  });

  it("if all fallback models fail, the turn fails with the last error", async () => {
    server.model.answer(({ model }) => (model === "third" ? faults.refusal : faults.badRequest));
    const { terminal } = await (await join()).ask("Hi", simple);
    expect(models()).toEqual(["test-model", "second", "third"]);
    expect(terminal).toMatchObject({ event: "error", payload: { details: { code: "model_refused" } } });
  });

  it("a fallback model is tried after the model in llm_config, and only once", async () => {
    server.model.nextFor(of("gpt-4"), { ...faults.badRequest });
    const { terminal } = await (await join()).ask("Hi", { ...simple, llm_config: { model: "gpt-4" } });
    expect(models()).toEqual(["gpt-4", "second"]);
    expect(terminal.payload.metadata.fallback_model).toBe("second");
  });

  it("text that was shown is kept when every model fails", async () => {
    server.model.nextFor(of("test-model"), cutAfter(2));
    server.model.nextFor(of("second"), { ...faults.badRequest });
    server.model.nextFor(of("third"), { ...faults.badRequest });
    const conversation = await join();
    const { terminal, text } = await conversation.ask("Hi", simple);
    expect(terminal.event).toBe("error");
    expect(text).toBe("one two");
    expect((await conversation.push("get_history")).response.turns).toMatchObject([
      { status: "failed", response: "one two" },
    ]);
  });

  it("a fallback model takes over a structured step", async () => {
    server.model.nextFor(of("test-model"), { ...faults.unauthorized });
    const { terminal } = await (await join()).ask("Hi", { options: { engine: "analysis" } });
    expect(models()).toEqual(["test-model", "second", "test-model"]);
    expect(terminal.payload.metadata.analysis_points).toEqual(expect.any(Array));
  });

  it("a member that joins before a fallback model starts sees its text as a restart", async () => {
    const door = gate();
    server.model.nextFor(of("test-model"), { text: "one two three", gate: door, cutAfter: 2 });
    const late = gate();
    server.model.nextFor(of("second"), { text: "From the second", gate: late });
    const conversation = await join();
    const { response } = await conversation.push("message", { content: "Hi", ...simple });
    door.release(2);
    await server.model.waitForRequest(2);
    await using device = await server.connect();
    const other = await device.join(conversation.topic);
    late.open();
    const [one, two] = await Promise.all([conversation.turn(response.turn_id), other.turn(response.turn_id)]);
    expect([one.text, two.text]).toEqual(["From the second", "From the second"]);
    expect(two.deltas[0]).toMatchObject({ offset: 0, restart: true });
  });
});
