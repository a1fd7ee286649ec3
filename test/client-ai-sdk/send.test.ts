import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { ConversationError } from "../../packages/client/conversation.ts";
import { cutAfter, faults, gate } from "../support/model-server.ts";
import { start } from "../support/start.ts";
import { chatPage, textOf } from "./support.ts";

const server = await start({ RATE_LIMIT_MESSAGES: "0", FALLBACK_MODELS: "second" });
afterAll(() => server.close());
beforeEach(() => server.model.reset());

const simple = { body: { options: { engine: "simple" } } };
const fresh = () => randomUUID();

describe("a question", () => {
  it("streams its answer", async () => {
    await using mine = chatPage(server.url, fresh());
    const tokens = gate();
    server.model.next({ chunks: ["one", " two", " three"], gate: tokens });
    const sent = mine.chat.sendMessage({ text: "Count!" }, simple);
    tokens.release(2);
    await mine.shows("one two");
    expect(mine.chat.status).toBe("streaming");
    tokens.open();
    await sent;
    expect(mine.chat.status).toBe("ready");
    expect(mine.texts()).toEqual(["Count!", "one two three"]);
  });

  it("has the turn's id, model, usage and cost in the answer's metadata", async () => {
    await using mine = chatPage(server.url, fresh());
    server.model.next({ text: "Hi.", model: "gpt-4o-mini" });
    await mine.chat.sendMessage({ text: "Hello" }, simple);
    const { turns } = await mine.conversation.push("get_history", {});
    expect(mine.last()).toMatchObject({
      id: turns[0]?.turn_id,
      role: "assistant",
      metadata: {
        turn_id: turns[0]?.turn_id,
        status: "completed",
        conversation_type: "simple",
        routed_to: "simple_conversation",
        model_used: "gpt-4o-mini",
        usage: { llm_calls: 1, cost_usd: expect.any(Number) },
      },
    });
  });

  it("passes context, options and model settings on", async () => {
    await using mine = chatPage(server.url, fresh());
    await mine.chat.sendMessage({ text: "Hello" }, { body: { ...simple.body, llm_config: { temperature: 0.125 } } });
    expect(server.model.requests.map(({ body }) => body.temperature)).toEqual([0.125]);
  });

  it("has a part for the route and one for each step, which change in place", async () => {
    await using mine = chatPage(server.url, fresh());
    const tokens = gate();
    server.model.nextFor(({ structured }) => structured, { json: { points: ["A", "B"] }, gate: tokens });
    const sent = mine.chat.sendMessage({ text: "Compare" }, { body: { options: { engine: "analysis" } } });
    const stepsOf = () => mine.last()?.parts.flatMap((part) => (part.type === "data-step" ? part : [])) ?? [];
    await expect.poll(() => stepsOf().map(({ data }) => data.status)).toEqual(["running"]);
    const [first] = stepsOf();
    tokens.open();
    await sent;
    expect(mine.last()?.parts.filter(({ type }) => type === "data-route")).toMatchObject([
      {
        id: "route",
        data: { conversation_type: "analysis", routed_to: "analysis_conversation", routing: { decided_by: "client" } },
      },
    ]);
    expect(stepsOf()[0]).toMatchObject({ id: first?.id, data: { step: first?.data.step, status: "finished" } });
    expect(new Set(stepsOf().map(({ id }) => id)).size).toBe(stepsOf().length);
  });

  it("has the reasoning as a part before the text", async () => {
    await using mine = chatPage(server.url, fresh(), { preferences: { include_reasoning: true } });
    server.model.next({ reasoning: ["Let me ", "think."], text: "Done." });
    await mine.chat.sendMessage({ text: "Think" }, simple);
    const written = mine.last()?.parts.filter(({ type }) => type === "reasoning" || type === "text");
    expect(written).toMatchObject([
      { type: "reasoning", text: "Let me think.", state: "done" },
      { type: "text", text: "Done.", state: "done" },
    ]);
  });

  it("takes back what a model wrote that failed in mid-answer, once another one answers", async () => {
    await using mine = chatPage(server.url, fresh(), { follow: false, preferences: { include_reasoning: true } });
    const [failing, answering] = [gate(), gate()];
    server.model.next(
      { reasoning: ["Wrong"], chunks: ["Wrong ", "start"], cutAfter: 3, gate: failing },
      { chunks: ["The", " answer"], gate: answering },
    );
    const sent = mine.chat.sendMessage({ text: "Go" }, simple);
    failing.release(2);
    await mine.shows("Wrong ");
    failing.open();
    answering.release();
    await mine.shows("The");
    answering.open();
    await sent;
    expect(mine.texts()).toEqual(["Go", "The answer"]);
    expect(mine.last()?.parts.map(({ type }) => type)).toEqual(["step-start", "data-route", "text"]);
    await mine.settled();
  });

  it("keeps streaming over a lost connection", async () => {
    await using mine = chatPage(server.url, fresh());
    const tokens = gate();
    server.model.next({ chunks: ["one", " two", " three"], gate: tokens });
    const sent = mine.chat.sendMessage({ text: "Count!" }, simple);
    tokens.release();
    await mine.shows("one");
    mine.drop();
    tokens.open();
    await sent;
    expect(mine.texts()).toEqual(["Count!", "one two three"]);
  });
});

describe("a failure", () => {
  it("is a `ConversationError` with the code, and keeps what was written", async () => {
    await using mine = chatPage(server.url, fresh());
    server.model.answer(() => faults.refusal);
    await mine.chat.sendMessage({ text: "No" }, simple);
    expect(mine.chat.status).toBe("error");
    expect(mine.chat.error).toBeInstanceOf(ConversationError);
    expect(mine.chat.error).toMatchObject({ code: "model_refused" });
    expect(mine.last()?.metadata).toMatchObject({ status: "failed", error: { code: "model_refused" } });
  });

  it("can be answered again", async () => {
    await using mine = chatPage(server.url, fresh());
    server.model.answer(() => cutAfter(2));
    await mine.chat.sendMessage({ text: "Go" }, simple);
    expect(mine.chat.status).toBe("error");
    server.model.answer(() => "Now.");
    await mine.chat.regenerate(simple);
    expect(mine.chat.status).toBe("ready");
    expect(mine.texts()).toEqual(["Go", "Now."]);
    await mine.settled();
  });

  it("of a message that is too long leaves the message, which can be edited and sent", async () => {
    await using mine = chatPage(server.url, fresh());
    await mine.chat.sendMessage({ text: "x".repeat(4001) }, simple);
    expect(mine.chat.error).toMatchObject({ code: "content_too_long" });
    await expect
      .poll(() => mine.last()?.metadata)
      .toMatchObject({ status: "refused", error: { code: "content_too_long" } });
    await mine.chat.sendMessage({ text: "Short", messageId: mine.last()?.id }, simple);
    expect(mine.chat.status).toBe("ready");
    expect(mine.texts()).toEqual(["Short", "Answer to: Short"]);
    await mine.settled();
  });

  it("of a file that the server refuses says so", async () => {
    await using mine = chatPage(server.url, fresh(), { follow: false });
    const files = [{ type: "file" as const, mediaType: "text/plain", url: "data:text/plain,%00" }];
    await mine.chat.sendMessage({ text: "Look", files });
    expect(mine.chat.error).toMatchObject({ code: "unsupported_type" });
  });
});

describe("a conversation", () => {
  it("that is left ends its streams", async () => {
    await using mine = chatPage(server.url, fresh());
    const tokens = gate();
    server.model.next({ chunks: ["one", " two"], gate: tokens });
    const sent = mine.chat.sendMessage({ text: "Go" }, simple);
    tokens.release();
    await mine.shows("one");
    mine.conversation.leave();
    await sent;
    expect(mine.chat.error).toMatchObject({ code: "left" });
    expect(mine.texts()).toEqual(["Go", "one"]);
    await mine.chat.sendMessage({ text: "More" }, simple);
    expect(mine.chat.error).toMatchObject({ code: "left" });
  });

  it("that begins anew ends its streams without an error", async () => {
    await using mine = chatPage(server.url, fresh());
    const tokens = gate();
    server.model.next({ chunks: ["one", " two"], gate: tokens });
    const sent = mine.chat.sendMessage({ text: "Go" }, simple);
    tokens.release();
    await mine.shows("one");
    await mine.conversation.push("new_conversation", {});
    await sent;
    expect(mine.chat.status).toBe("ready");
    await mine.settled();
    expect(mine.texts()).toEqual([]);
  });

  it("of another user refuses the question with the reason", async () => {
    const id = fresh();
    await using first = chatPage(server.url, id);
    await first.conversation.joined;
    await using other = chatPage(server.url, id, { apiKey: "key-b" });
    await other.chat.sendMessage({ text: "Hello" }, simple);
    expect(other.chat.error).toMatchObject({ code: "not_found" });
  });

  it("asks again what `sendMessage` without a message names, the last question", async () => {
    await using mine = chatPage(server.url, fresh());
    server.model.answer(() => faults.refusal);
    await mine.chat.sendMessage({ text: "Go" }, simple);
    mine.chat.messages = mine.chat.messages.slice(0, 1);
    server.model.answer(() => "Now.");
    await mine.chat.sendMessage(undefined, simple);
    expect(mine.texts()).toEqual(["Go", "Now."]);
    await mine.settled();
  });
});

describe("another question", () => {
  it("while an answer streams waits for its turn", async () => {
    await using mine = chatPage(server.url, fresh());
    const tokens = gate();
    server.model.next({ chunks: ["one", " two"], gate: tokens }, "three");
    const first = mine.chat.sendMessage({ text: "First" }, simple);
    tokens.release();
    await mine.shows("one");
    const second = mine.chat.sendMessage({ text: "Second" }, simple);
    await expect.poll(() => mine.last()?.metadata?.status).toBe("queued");
    tokens.open();
    await Promise.all([first, second]);
    expect(mine.texts()).toEqual(["First", "one two", "Second", "three"]);
    expect(textOf(mine.chat.messages[1])).toBe("one two");
  });
});
