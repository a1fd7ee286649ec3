import { afterAll, beforeEach, describe, expect, it } from "vitest";

import type { Conversation } from "../support/client.ts";
import { gate, isStructured, isText, type ModelRequest } from "../support/model-server.ts";
import { start } from "../support/start.ts";

const server = await start({ RATE_LIMIT_MESSAGES: "0", RATE_LIMIT_JOINS: "0" });
const client = await server.connect();
let conversation: Conversation;

beforeEach(async () => {
  server.model.reset();
  conversation = await client.join(crypto.randomUUID());
});
afterAll(async () => {
  await client.close();
  await server.close();
});

const simple = { options: { engine: "simple" } };
const roles = (request: ModelRequest | undefined) => request?.messages.map(({ role }) => role);

/** What the next turn's model call must look like: roles alternate and nothing is empty. */
async function expectValidHistory(): Promise<void> {
  await conversation.ask("And now?", simple);
  const request = server.model.requests.at(-1);
  const [first, ...rest] = roles(request) ?? [];
  expect(first).toBe("system");
  expect(rest).toEqual(rest.map((_, index) => (index % 2 ? "assistant" : "user")));
  expect(request?.messages.every(({ content }) => content !== "" && content !== null)).toBe(true);
}

describe("stop", () => {
  it("in the middle of the answer ends the turn with what had arrived", async () => {
    const door = gate();
    server.model.next({ text: "one two three", gate: door });
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
    await server.model.requests[0]?.closed;
    expect(server.model.requests[0]?.closedByClientAt).toBeDefined();
    const { response: history } = await conversation.push("get_history");
    expect(history.turns).toMatchObject([{ status: "stopped", response: "one two", query: "Go" }]);
    await expectValidHistory();
    expect(server.model.requests.at(-1)?.rawBody).toContain("one two");
  });

  it.each([
    ["while it is routed", isStructured, {}, null, 1],
    ["in a step", isStructured, { options: { engine: "analysis" } }, "analysis", 1],
    ["before the first token", isText, simple, "simple", 1],
    ["in a text step", isText, { options: { engine: "complex" } }, "complex", 3],
  ])("%s ends the turn with an empty answer", async (_phase, matches, extra, type, calls) => {
    const doors = [gate(), gate()];
    server.model.nextFor(matches, ...doors.map((door) => ({ text: "never", gate: door })));
    const { response } = await conversation.push("message", { content: "Go", ...extra });
    await server.model.waitForRequest(calls);
    expect((await conversation.push("stop", { turn_id: response.turn_id })).response.stopped).toBe(true);
    const { terminal } = await conversation.turn(response.turn_id);
    expect(terminal.payload).toMatchObject({ response: "", conversation_type: type, metadata: { stopped: true } });
    expect(conversation.terminals(response.turn_id)).toHaveLength(1);
    for (const door of doors) door.open();
    await expectValidHistory();
  });

  it.each([
    ["while it is routed", {}, 1],
    ["in a step", { options: { engine: "analysis" } }, 1],
  ])("%s still counts the request that was sent", async (_phase, extra, calls) => {
    server.model.nextFor(isStructured, { stallAfter: "request" });
    const { response } = await conversation.push("message", { content: "Go", ...extra });
    await server.model.waitForRequest(calls);
    await conversation.push("stop");
    const { terminal } = await conversation.turn(response.turn_id);
    expect(terminal.payload.metadata.usage.llm_calls).toBe(calls);
  });

  it("right behind the message, in the same breath, ends that turn", async () => {
    const door = gate();
    server.model.answer(() => ({ text: "never", gate: door }));
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

  it("of a waiting turn leaves the running one alone", async () => {
    const door = gate();
    server.model.next({ text: "one two", gate: door });
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

  it("of a turn that is over, or of another conversation, touches no other turn", async () => {
    const over = await conversation.ask("Hi", simple);
    const elsewhere = await client.join(crypto.randomUUID());
    const door = gate();
    server.model.next({ text: "one two", gate: door });
    const { response } = await conversation.push("message", { content: "Go", ...simple });
    await server.model.waitForRequest(2);
    expect((await conversation.push("stop", { turn_id: over.turnId })).response.stopped).toBe(false);
    expect((await conversation.push("stop", { turn_id: "unknown" })).response.stopped).toBe(false);
    expect((await elsewhere.push("stop", { turn_id: response.turn_id })).response.stopped).toBe(false);
    door.open();
    expect((await conversation.turn(response.turn_id)).terminal.payload.metadata).not.toHaveProperty("stopped");
    expect(conversation.terminals(over.turnId)).toHaveLength(1);
  });

  it("twice ends it once", async () => {
    server.model.next({ stallAfter: "request" });
    const { response } = await conversation.push("message", { content: "Go", ...simple });
    await server.model.waitForRequest(1);
    const stops = [conversation.push("stop"), conversation.push("stop", { turn_id: response.turn_id })];
    expect((await Promise.all(stops)).map((reply) => reply.response.stopped)).toContain(true);
    await expectValidHistory();
    expect(conversation.terminals(response.turn_id)).toHaveLength(1);
  });

  it("of several turns in a row leaves a history that the model takes", async () => {
    for (const content of ["One", "Two", "Three"]) {
      server.model.next({ stallAfter: 0 });
      const { response } = await conversation.push("message", { content, ...simple });
      await server.model.waitForRequest((request) => request.user === content);
      await conversation.push("stop", { turn_id: response.turn_id });
      await conversation.turn(response.turn_id);
    }
    await expectValidHistory();
    const { response } = await conversation.push("get_history");
    expect(response.turns.map(({ status }) => status)).toEqual(["stopped", "stopped", "stopped", "completed"]);
  });
});
