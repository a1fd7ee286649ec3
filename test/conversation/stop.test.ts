import { describe, expect } from "vitest";

import { simple } from "../support/conversation.ts";
import { it as conversationTest } from "../support/fixture.ts";
import { gate, isStructured, isText, type ModelRequest } from "../support/model-server.ts";

const roles = (request: ModelRequest | undefined) => request?.messages.map(({ role }) => role);

/** Expects that the next turn's request is valid: roles alternate, and no message is empty. */
const it = conversationTest.extend("expectValidHistory", ({ conversation, model }) => async () => {
  await conversation.ask("And now?", simple);
  const request = model.requests.at(-1);
  const [first, ...rest] = roles(request) ?? [];
  expect(first).toBe("system");
  expect(rest).toEqual(rest.map((_, index) => (index % 2 ? "assistant" : "user")));
  expect(request?.messages.every(({ content }) => content !== "" && content !== null)).toBe(true);
});

describe("stop", () => {
  it("a stop that is pressed twice leaves the turn behind it alone", async ({ model, conversation }) => {
    const doors = [gate(), gate()];
    model.next({ text: "one two three", gate: doors[0] });
    model.next({ text: "the next answer", gate: doors[1] });
    const { response: first } = await conversation.push("message", { content: "Go", ...simple });
    const { response: next } = await conversation.push("message", { content: "And?", ...simple });
    doors[0]?.release(2);
    await conversation.next("response_delta", ({ offset, text }) => offset + text.length >= 7);
    const stops = await Promise.all([conversation.push("stop"), conversation.push("stop")]);
    expect(stops.map(({ response }) => response)).toEqual([
      { turn_id: first.turn_id, stopped: true },
      { turn_id: null, stopped: false },
    ]);
    doors[1]?.open();
    const { terminal } = await conversation.turn(next.turn_id);
    expect(terminal.payload).toMatchObject({ response: "the next answer" });
  });

  it("a stop in the middle of the answer ends the turn with what has arrived", async ({
    model,
    conversation,
    expectValidHistory,
  }) => {
    const door = gate();
    model.next({ text: "one two three", gate: door });
    const { response } = await conversation.push("message", { content: "Go", ...simple });
    door.release(2);
    await conversation.next("response_delta", ({ offset, text }) => offset + text.length >= 7);
    const stopped = await conversation.push("stop");
    expect(stopped).toEqual({ status: "ok", response: { turn_id: response.turn_id, stopped: true } });
    const { terminal, text } = await conversation.turn(response.turn_id);
    expect(terminal).toMatchObject({
      event: "response",
      payload: { query: "Go", response: "one two", conversation_type: "simple", metadata: { stopped: true } },
    });
    expect(text).toBe("one two");
    expect(terminal.payload.metadata.usage.llm_calls).toBe(1);
    await model.requests[0]?.closed;
    expect(model.requests[0]?.closedByClientAt).toBeDefined();
    const { response: history } = await conversation.push("get_history");
    expect(history.turns).toMatchObject([{ status: "stopped", response: "one two", query: "Go" }]);
    await expectValidHistory();
    expect(model.requests.at(-1)?.rawBody).toContain("one two");
  });

  it.for([
    { phase: "while it is routed", matches: isStructured, extra: {}, type: null, calls: 1 },
    {
      phase: "in a step",
      matches: isStructured,
      extra: { options: { engine: "analysis" } },
      type: "analysis",
      calls: 1,
    },
    { phase: "before the first token", matches: isText, extra: simple, type: "simple", calls: 1 },
    { phase: "in a text step", matches: isText, extra: { options: { engine: "complex" } }, type: "complex", calls: 3 },
  ])(
    "a stop $phase ends the turn with an empty answer",
    async ({ matches, extra, type, calls }, { model, conversation, expectValidHistory }) => {
      const doors = [gate(), gate()];
      model.nextFor(matches, ...doors.map((door) => ({ text: "never", gate: door })));
      const { response } = await conversation.push("message", { content: "Go", ...extra });
      await model.waitForRequest(calls);
      expect((await conversation.push("stop", { turn_id: response.turn_id })).response.stopped).toBe(true);
      const { terminal } = await conversation.turn(response.turn_id);
      expect(terminal.payload).toMatchObject({ response: "", conversation_type: type, metadata: { stopped: true } });
      expect(conversation.terminals(response.turn_id)).toHaveLength(1);
      for (const door of doors) door.open();
      await expectValidHistory();
    },
  );

  it.for([
    { phase: "while it is routed", extra: {} },
    { phase: "in a step", extra: { options: { engine: "analysis" } } },
  ])("a stop $phase counts the request that was sent", async ({ extra }, { model, conversation }) => {
    model.nextFor(isStructured, { stallAfter: "request" });
    const { response } = await conversation.push("message", { content: "Go", ...extra });
    await model.waitForRequest(1);
    await conversation.push("stop");
    const { terminal } = await conversation.turn(response.turn_id);
    expect(terminal.payload.metadata.usage.llm_calls).toBe(1);
  });

  it("a stop sent right after the message ends that turn", async ({ model, conversation }) => {
    const door = gate();
    model.answer(() => ({ text: "never", gate: door }));
    const message = conversation.push("message", { content: "Go", ...simple });
    const stopped = await conversation.push("stop");
    const { turn_id } = (await message).response;
    expect(stopped.response).toEqual({ turn_id, stopped: true });
    expect((await conversation.turn(turn_id)).terminal.payload).toMatchObject({
      response: "",
      metadata: { stopped: true },
    });
    door.open();
  });

  it("a stop of a queued turn does not affect the running one", async ({ model, conversation, expectValidHistory }) => {
    const door = gate();
    model.next({ text: "one two", gate: door });
    const { response: running } = await conversation.push("message", { content: "Go", ...simple });
    door.release();
    await conversation.next("response_delta");
    const { response: waiting } = await conversation.push("message", { content: "Later", ...simple });
    const { response: stopped } = await conversation.push("stop", { turn_id: waiting.turn_id });
    expect(stopped).toEqual({ turn_id: waiting.turn_id, stopped: true });
    const { terminal } = await conversation.turn(waiting.turn_id);
    expect(terminal.payload).toMatchObject({
      response: "",
      conversation_type: null,
      routed_to: null,
      metadata: { stopped: true },
    });
    expect(terminal.payload.metadata).toMatchObject({ processing_time: expect.any(Number), usage: { llm_calls: 0 } });
    door.open();
    expect((await conversation.turn(running.turn_id)).text).toBe("one two");
    await expectValidHistory();
  });

  it("a stop of an ended turn, or of another conversation's, stops nothing", async ({
    model,
    client,
    conversation,
  }) => {
    const over = await conversation.ask("Hi", simple);
    const elsewhere = await client.join(crypto.randomUUID());
    const door = gate();
    model.next({ text: "one two", gate: door });
    const { response } = await conversation.push("message", { content: "Go", ...simple });
    await model.waitForRequest(2);
    expect((await conversation.push("stop", { turn_id: over.turnId })).response.stopped).toBe(false);
    expect((await conversation.push("stop", { turn_id: "unknown" })).response.stopped).toBe(false);
    expect((await elsewhere.push("stop", { turn_id: response.turn_id })).response.stopped).toBe(false);
    door.open();
    expect((await conversation.turn(response.turn_id)).terminal.payload.metadata).not.toHaveProperty("stopped");
    expect(conversation.terminals(over.turnId)).toHaveLength(1);
  });

  it("a turn that is stopped twice ends once", async ({ model, conversation, expectValidHistory }) => {
    model.next({ stallAfter: "request" });
    const { response } = await conversation.push("message", { content: "Go", ...simple });
    await model.waitForRequest(1);
    const stops = [conversation.push("stop"), conversation.push("stop", { turn_id: response.turn_id })];
    expect((await Promise.all(stops)).map((reply) => reply.response.stopped)).toContain(true);
    await expectValidHistory();
    expect(conversation.terminals(response.turn_id)).toHaveLength(1);
  });

  it("several stopped turns in a row leave a valid history", async ({ model, conversation, expectValidHistory }) => {
    for (const content of ["One", "Two", "Three"]) {
      model.next({ stallAfter: 0 });
      const { response } = await conversation.push("message", { content, ...simple });
      await model.waitForRequest((request) => request.user === content);
      await conversation.push("stop", { turn_id: response.turn_id });
      await conversation.turn(response.turn_id);
    }
    await expectValidHistory();
    const { response } = await conversation.push("get_history");
    expect(response.turns.map(({ status }) => status)).toEqual(["stopped", "stopped", "stopped", "completed"]);
  });
});
