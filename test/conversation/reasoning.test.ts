import { describe, expect } from "vitest";

import { answerText, type Conversation } from "../support/client.ts";
import { simple } from "../support/conversation.ts";
import { it as conversationTest } from "../support/fixture.ts";
import { gate, isStructured, isText, smartReply } from "../support/model-server.ts";

const asks = { preferences: { include_reasoning: true } };
const thoughts = ["Let me think. ", "世界 👩‍🚀", "\n\nSo: "];
const whole = thoughts.join("");
const maxBytes = 262_144;

const deltasOf = ({ events }: Conversation) =>
  events.filter(({ event }) => event === "reasoning_delta").map(({ payload }) => payload);
/** What a client shows that appends each piece. Throws if the pieces leave a gap or overlap. */
const shown = (conversation: Conversation) => answerText(deltasOf(conversation));

const it = conversationTest
  .extend("curious", ({ client }) => client.join(crypto.randomUUID(), asks))
  .extend(
    "lastTurn",
    ({ curious }) =>
      async () =>
        (await curious.push("get_history")).response.turns.at(-1),
  )
  /** Joins the same conversation from another device. */
  .extend("another", ({ curious: { topic }, server }, { onCleanup }) => {
    const devices = new AsyncDisposableStack();
    onCleanup(() => devices.disposeAsync());
    return async (params: object | (() => object) = {}) => {
      const client = devices.use(await server.connect());
      return { client, conversation: await client.join(topic, params) };
    };
  })
  /** A turn whose model has told two of its three thoughts. */
  .extend("midThought", async ({ curious, model }) => {
    const door = gate();
    model.nextFor(isText, { reasoning: thoughts, text: "one two", gate: door });
    const { response } = await curious.push("message", { content: "Go", ...simple });
    door.release(2);
    const half = thoughts.slice(0, 2).join("");
    await curious.next("reasoning_delta", ({ offset, text }) => offset + text.length === half.length);
    return { door, turnId: response.turn_id, half };
  });

describe("reasoning", () => {
  it("comes before the answer, in order and without gaps, and is part of neither the answer nor its metadata", async ({
    curious,
    model,
  }) => {
    model.next({ reasoning: thoughts, text: "one two" });
    const { events, text, terminal, turnId } = await curious.ask("Go", simple);
    const names = events.map(({ event }) => event);
    expect(names.lastIndexOf("reasoning_delta")).toBeLessThan(names.indexOf("response_delta"));
    expect(shown(curious)).toBe(whole);
    expect(deltasOf(curious)[0]).toEqual({ turn_id: turnId, offset: 0, text: expect.any(String) });
    expect([text, terminal.payload.response]).toEqual(["one two", "one two"]);
    expect(JSON.stringify(terminal.payload)).not.toContain("think");
  });

  it("comes only to members that asked for it, live and in the history", async ({ curious, another, model }) => {
    const { conversation: other } = await another({ preferences: { include_reasoning: false } });
    model.next({ reasoning: thoughts, text: "one" });
    const { turnId } = await curious.ask("Go", simple);
    await other.turn(turnId);
    expect([shown(curious), deltasOf(other)]).toEqual([whole, []]);
    const history = async (of: Conversation) => (await of.push("get_history")).response.turns;
    expect(await history(curious)).toMatchObject([{ turn_id: turnId, response: "one", reasoning: whole }]);
    expect(await history(other)).toEqual([expect.not.objectContaining({ reasoning: whole })]);
  });

  it("makes no event, and no field, if there is none", async ({ curious, model, lastTurn }) => {
    model.next({ reasoning: [""], text: "one" }, { text: "two" });
    for (const question of ["A", "B"]) await curious.ask(question, simple);
    expect(deltasOf(curious)).toEqual([]);
    expect(await lastTurn()).not.toHaveProperty("reasoning");
  });

  it("of hidden steps is not shown", async ({ curious, model }) => {
    model.nextFor(isStructured, (request) => ({ ...smartReply(request), reasoning: ["hidden"] }));
    model.nextFor(isText, { reasoning: ["open"], text: "one" });
    await curious.ask("Go", { options: { engine: "analysis" } });
    expect(shown(curious)).toBe("open");
  });

  it("is not remembered by the model, and neither is the wish to see it", async ({ curious, model }) => {
    model.next({ reasoning: ["SECRET-THOUGHT"], text: "one" });
    await curious.ask("Go", simple);
    await curious.ask("Next", simple);
    const request = model.requests.at(-1);
    expect(request?.messages.map(({ content }) => content).slice(1)).toEqual(["Go", "one", "Next"]);
    expect(request?.rawBody).not.toMatch(/SECRET-THOUGHT|include_reasoning/);
  });

  it("of a turn that is stopped while the model thinks is kept", async ({ curious, midThought, lastTurn }) => {
    await curious.push("stop");
    const { terminal } = await curious.turn(midThought.turnId);
    expect(terminal.payload).toMatchObject({ response: "", metadata: { stopped: true } });
    expect(await lastTurn()).toMatchObject({ status: "stopped", response: "", reasoning: midThought.half });
  });

  it("beyond 256 KiB is dropped", async ({ curious, model, lastTurn }) => {
    model.next({ reasoning: Array.from({ length: 50 }, () => "é世".repeat(2_000)), text: "one" });
    const { text } = await curious.ask("Go", simple);
    const bytes = Buffer.byteLength(shown(curious));
    expect(bytes).toBeLessThanOrEqual(maxBytes);
    expect(bytes).toBeGreaterThan(maxBytes - 4);
    expect(text).toBe("one");
    expect((await lastTurn())?.reasoning).toBe(shown(curious));
  });

  it("makes a page of the history shorter if it is long", async ({ curious, model }) => {
    const ids: string[] = [];
    for (const question of ["A", "B", "C"]) {
      model.next({ reasoning: ["x".repeat(200_000)], text: "one" });
      ids.unshift((await curious.ask(question, simple)).turnId);
    }
    const { turns, has_more } = (await curious.push("get_history")).response;
    expect([turns.map(({ turn_id }) => turn_id), has_more]).toEqual([[ids[1], ids[0]], true]);
    const earlier = (await curious.push("get_history", { before: ids[1] })).response;
    expect(earlier).toMatchObject({ turns: [{ turn_id: ids[2] }], has_more: false });
  });

  it("is shown in the workbench, and a replay asks without it", async ({ curious, client, model }) => {
    model.next({ reasoning: ["SECRET-THOUGHT"], text: "one" });
    const { turnId } = await curious.ask("Go", simple);
    const bench = await client.join(curious.topic.replace("conversation:", "workbench:"));
    expect((await bench.push("get_turn", { turn_id: turnId })).response).toMatchObject({ reasoning: "SECRET-THOUGHT" });
    await bench.push("replay", { turn_id: turnId });
    expect((await model.waitForRequest(2)).rawBody).not.toContain("SECRET-THOUGHT");
  });

  it("is asked for by a boolean: anything else is ignored with a warning", async ({ another }) => {
    const { conversation } = await another({ preferences: { include_reasoning: "yes" } });
    expect(conversation.joins[0]?.warnings).toEqual([
      expect.stringContaining("preferences.include_reasoning was ignored"),
    ]);
  });
});

describe("a join while the model thinks", () => {
  it.for([
    ["no cursor", () => ({})],
    ["a cursor", (turn_id: string) => ({ resume: { turn_id, offset: 0 } })],
  ] as const)("with %s gets the reasoning so far as one restart", async ([_what, resume], { midThought, another }) => {
    const { door, turnId, half } = midThought;
    const { conversation } = await another({ ...asks, ...resume(turnId) });
    await conversation.next("presence_state");
    const names = conversation.events.map(({ event }) => event).filter((event) => event !== "presence_diff");
    expect(names).toEqual(["thinking", "reasoning_delta", "presence_state"]);
    expect(deltasOf(conversation)).toEqual([{ turn_id: turnId, offset: 0, text: half, restart: true }]);
    door.open();
    const { text } = await conversation.turn(turnId);
    expect([shown(conversation), text]).toEqual([whole, "one two"]);
  });

  it("gets the reasoning before the answer so far", async ({ midThought, another, curious }) => {
    const { door, turnId } = midThought;
    door.release(2);
    await curious.next("response_delta");
    const { conversation } = await another({ ...asks, resume: { turn_id: turnId, offset: 2 } });
    await conversation.next("presence_state");
    const deltas = conversation.events.filter(({ event }) => event.endsWith("_delta"));
    expect(deltas.map(({ event, payload }) => [event, payload])).toEqual([
      ["reasoning_delta", { turn_id: turnId, offset: 0, text: whole, restart: true }],
      ["response_delta", { turn_id: turnId, offset: 2, text: "e" }],
    ]);
    door.open();
    await curious.turn(turnId);
  });

  it("after a lost connection leaves no gap", async ({ midThought, another }) => {
    const { door, turnId } = midThought;
    const { client, conversation } = await another(asks);
    await conversation.next("reasoning_delta");
    client.drop();
    await expect.poll(() => conversation.joins.length).toBe(2);
    door.open();
    await conversation.turn(turnId);
    expect(shown(conversation)).toBe(whole);
  });
});
