import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { answerText, type Conversation } from "../support/client.ts";
import { gate } from "../support/model-server.ts";
import { start } from "../support/start.ts";

const server = await start({ RATE_LIMIT_MESSAGES: "0", RATE_LIMIT_JOINS: "0" });
const client = await server.connect();
const simple = { options: { engine: "simple" } };
let conversation: Conversation;

beforeEach(async () => {
  server.model.reset();
  conversation = await client.join(crypto.randomUUID());
});
afterAll(async () => {
  await client.close();
  await server.close();
});

/** A message whose answer waits at a gate; resolves once its model call is there. */
async function running(content = "Wait", options: object = simple.options) {
  const door = gate();
  server.model.nextFor(({ user }) => user === content, { text: "one two three", gate: door });
  const { response } = await conversation.push("message", { content, options });
  const request = await server.model.waitForRequest(({ user }) => user === content);
  return { door, request, turnId: response.turn_id };
}

const say = (content: string, extra: object = {}) => conversation.push("message", { content, ...simple, ...extra });

describe("a turn", () => {
  it("is accepted at once, before the model answers", async () => {
    const { door, turnId } = await running();
    await conversation.next("thinking", ({ stage }) => stage === "accepted");
    expect(conversation.terminals(turnId)).toHaveLength(0);
    door.open();
    expect((await conversation.turn(turnId)).text).toBe("one two three");
  });

  it("tells its stages in order, for every step", async () => {
    const { thinking, events, terminal } = await conversation.ask("Why?", { options: { engine: "analysis" } });
    expect(thinking.map(({ stage, step }) => [stage, step].filter(Boolean).join(" "))).toEqual([
      "accepted",
      "routed",
      "step_started inspect",
      "step_finished inspect",
      "answering",
    ]);
    expect(thinking[1]).toMatchObject({
      conversation_type: "analysis",
      routed_to: "analysis_conversation",
      routing: { decided_by: "client", confidence: expect.any(Number), reason: expect.any(String) },
    });
    expect(thinking[3]).toHaveProperty("detail.points");
    expect(new Set(events.map(({ payload }) => payload.turn_id))).toEqual(new Set([terminal.payload.turn_id]));
    expect(events.at(-1)?.event).toBe("response");
  });

  it("streams pieces without gap or overlap that make the response, whatever their characters", async () => {
    const chunks = [
      "Grü",
      "ße 👩",
      "\u200d🚀 ",
      "\ud83d",
      "\ude00",
      "\n\n",
      "```js\n",
      "x".repeat(40_000),
      "\u2028end",
    ];
    server.model.next({ chunks, chunkDelayMs: 2 });
    const { deltas, terminal } = await conversation.ask("Stream", simple);
    expect(answerText(deltas)).toBe(terminal.payload.response);
    expect(terminal.payload.response).toBe(chunks.join("").toWellFormed());
    expect(deltas.length).toBeGreaterThan(3);
  });

  it("is one for all devices of the user", async () => {
    await using device = await server.connect();
    const other = await device.join(conversation.topic);
    const { turnId, text } = await conversation.ask("Hi", simple);
    expect((await other.turn(turnId)).text).toBe(text);
    expect(other.terminals(turnId)).toHaveLength(1);
  });

  it("goes on when its client has left", async () => {
    const { door, request, turnId } = await running();
    await conversation.leave();
    door.open();
    const back = await client.join(conversation.topic);
    expect((await back.turn(turnId)).terminal.payload.response).toBe("one two three");
    expect(request.closedByClientAt).toBeUndefined();
  });
});

describe("messages while a turn runs", () => {
  it("wait in the order accepted, five of them", async () => {
    const { door, turnId } = await running();
    const replies = [];
    for (const word of ["a", "b", "c", "d", "e"]) replies.push((await say(word)).response);
    expect(replies.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5]);
    expect(await say("f")).toMatchObject({ status: "error", response: { reason: "busy" } });
    expect((await conversation.next("error")).details.code).toBe("busy");
    for (const { turn_id } of replies)
      await conversation.next("thinking", (one) => one.turn_id === turn_id && one.stage === "queued");
    door.open();
    await conversation.turn(replies[4]?.turn_id ?? "");
    const ended = conversation.events.filter(({ event }) => event === "response").map(({ payload }) => payload.turn_id);
    expect(ended).toEqual([turnId, ...replies.map(({ turn_id }) => turn_id)]);
    expect(server.model.requests.map(({ user }) => user)).toEqual(["Wait", "a", "b", "c", "d", "e"]);
    expect((await say("g")).status).toBe("ok");
  });

  it("with reject are refused as busy", async () => {
    const { door, turnId } = await running();
    const options = { engine: "simple", when_busy: "reject" };
    expect(await say("No", { options })).toMatchObject({ status: "error", response: { reason: "busy" } });
    door.open();
    await conversation.turn(turnId);
    expect((await conversation.ask("Yes", { options })).terminal.event).toBe("response");
  });

  it("with replace stop the running turn and those that wait", async () => {
    const { door, turnId } = await running();
    door.release();
    await conversation.next("response_delta");
    const { response: waiting } = await say("waits");
    const { response: news } = await say("instead", { options: { engine: "simple", when_busy: "replace" } });
    expect(news).toMatchObject({ position: 0, duplicate: false });
    expect((await conversation.turn(turnId)).terminal.payload).toMatchObject({
      response: "one",
      metadata: { stopped: true },
    });
    expect((await conversation.turn(waiting.turn_id)).terminal.payload).toMatchObject({
      response: "",
      conversation_type: null,
      routed_to: null,
      metadata: { stopped: true },
    });
    expect((await conversation.turn(news.turn_id)).text).toBe("Answer to: instead");
    expect(server.model.requests.map(({ user }) => user)).toEqual(["Wait", "instead"]);
  });
});

describe("new_conversation in mid-turn", () => {
  it("sends conversation_reset and not a word more of its turns, to every member", async () => {
    await using device = await server.connect();
    const other = await device.join(conversation.topic);
    const { door, request, turnId } = await running();
    door.release();
    await conversation.next("response_delta");
    const { response: waiting } = await say("waits");
    const { response: reset } = await conversation.push("new_conversation");
    for (const member of [conversation, other]) {
      expect(await member.next("conversation_reset")).toMatchObject({ session_id: reset.session_id });
    }
    await request.closed;
    door.open();
    const fresh = await conversation.ask("Fresh", simple);
    for (const member of [conversation, other]) {
      await member.turn(fresh.turnId);
      const at = member.events.findIndex(({ event }) => event === "conversation_reset");
      const later = member.events.slice(at).map(({ payload }) => payload.turn_id);
      expect(later).not.toContain(turnId);
      expect(later).not.toContain(waiting.turn_id);
      expect([...member.terminals(turnId), ...member.terminals(waiting.turn_id)]).toEqual([]);
    }
    expect(request.closedByClientAt).toBeDefined();
    expect(server.model.requests.at(-1)?.messages.map(({ role }) => role)).toEqual(["system", "user"]);
    expect((await conversation.push("get_history")).response.turns).toMatchObject([{ turn_id: fresh.turnId }]);
  });
});
