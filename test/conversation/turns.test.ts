import { describe, expect } from "vitest";

import { answerText } from "../support/client.ts";
import { simple } from "../support/conversation.ts";
import { it as conversationTest } from "../support/fixture.ts";
import { gate } from "../support/model-server.ts";

const it = conversationTest
  .extend("say", ({ conversation }) => {
    return (content: string, extra: object = {}) => conversation.push("message", { content, ...simple, ...extra });
  })
  /** A message whose model call has arrived and waits at a gate. */
  .extend("running", async ({ say, model }) => {
    const door = gate();
    model.next({ text: "one two three", gate: door });
    const { response } = await say("Wait");
    return { door, request: await model.waitForRequest(1), turnId: response.turn_id };
  });

describe("a turn", () => {
  it("a message is accepted before the model answers", async ({ conversation, running }) => {
    const { door, turnId } = running;
    await conversation.next("thinking", ({ stage }) => stage === "accepted");
    expect(conversation.terminals(turnId)).toHaveLength(0);
    door.open();
    expect((await conversation.turn(turnId)).text).toBe("one two three");
  });

  it("a turn reports its stages in order, for every step", async ({ conversation }) => {
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

  it("an answer's deltas join into its response without gap or overlap, whatever the characters", async ({
    model,
    conversation,
  }) => {
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
    model.next({ chunks, chunkDelayMs: 2 });
    const { deltas, terminal } = await conversation.ask("Stream", simple);
    expect(answerText(deltas)).toBe(terminal.payload.response);
    expect(terminal.payload.response).toBe(chunks.join("").toWellFormed());
    expect(deltas.length).toBeGreaterThan(3);
  });

  it("a turn is shown on all devices of the user", async ({ server, conversation }) => {
    await using device = await server.connect();
    const other = await device.join(conversation.topic);
    const { turnId, text } = await conversation.ask("Hi", simple);
    expect((await other.turn(turnId)).text).toBe(text);
    expect(other.terminals(turnId)).toHaveLength(1);
  });

  it("a turn continues after its client has left", async ({ client, conversation, running }) => {
    const { door, request, turnId } = running;
    await conversation.leave();
    door.open();
    const back = await client.join(conversation.topic);
    expect((await back.turn(turnId)).terminal.payload.response).toBe("one two three");
    expect(request.closedByClientAt).toBeUndefined();
  });
});

describe("messages while a turn runs", () => {
  it("up to five messages wait for the running turn, in the order of acceptance", async ({
    model,
    conversation,
    say,
    running,
  }) => {
    const { door, turnId } = running;
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
    expect(model.requests.map(({ user }) => user)).toEqual(["Wait", "a", "b", "c", "d", "e"]);
    expect((await say("g")).status).toBe("ok");
  });

  it("a message with when_busy reject is refused while a turn runs", async ({ conversation, say, running }) => {
    const { door, turnId } = running;
    const options = { engine: "simple", when_busy: "reject" };
    expect(await say("No", { options })).toMatchObject({ status: "error", response: { reason: "busy" } });
    door.open();
    await conversation.turn(turnId);
    expect((await conversation.ask("Yes", { options })).terminal.event).toBe("response");
  });

  it("a message with when_busy replace stops the running turn and the queued ones", async ({
    model,
    conversation,
    say,
    running,
  }) => {
    const { door, turnId } = running;
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
    expect(model.requests.map(({ user }) => user)).toEqual(["Wait", "instead"]);
  });
});

describe("new_conversation in mid-turn", () => {
  it("new_conversation in mid-turn sends conversation_reset to every member, and nothing more of its turns", async ({
    server,
    model,
    conversation,
    say,
    running,
  }) => {
    await using device = await server.connect();
    const other = await device.join(conversation.topic);
    const { door, request, turnId } = running;
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
    expect(model.requests.at(-1)?.messages.map(({ role }) => role)).toEqual(["system", "user"]);
    expect((await conversation.push("get_history")).response.turns).toMatchObject([{ turn_id: fresh.turnId }]);
  });
});
