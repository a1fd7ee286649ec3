import { describe, expect } from "vitest";

import { answerText } from "../support/client.ts";
import { simple } from "../support/conversation.ts";
import { it as conversationTest } from "../support/fixture.ts";
import { gate } from "../support/model-server.ts";
import { type FrameV2, rawClient } from "../support/raw-client.ts";

const it = conversationTest
  /** A turn that has shown `one two`, after one that has ended. */
  .extend("midTurn", async ({ conversation, model }) => {
    const over = await conversation.ask("Before", simple);
    const door = gate();
    model.nextFor(({ user }) => user === "Go", { text: "one two three", gate: door });
    const { response } = await conversation.push("message", { content: "Go", ...simple });
    door.release(2);
    await conversation.next(
      "response_delta",
      ({ turn_id, offset, text }) => turn_id === response.turn_id && offset + text.length === 7,
    );
    return { door, over: over.turnId, turnId: response.turn_id };
  })
  /** Joins from a new device and returns everything that it gets before the reply to its first push. */
  .extend("joinAgain", ({ conversation: { topic }, server }, { onCleanup }) => {
    const devices = new AsyncDisposableStack();
    onCleanup(() => devices.disposeAsync());
    return async (payload: object = {}) => {
      const device = devices.use(await rawClient(server.url, { params: { api_key: "key-a" } }));
      device.send(["1", "1", topic, "phx_join", payload]);
      device.send(["1", "2", topic, "typing", { typing: false }]);
      await device.next(([, ref]) => ref === "2");
      const [joined, ...rest] = device.frames.filter(([, ref]) => ref !== "2");
      const shown = rest.filter(({ 3: event }) => event !== "presence_diff");
      return { device, reply: Object(joined?.[4].response), shown, names: shown.map(({ 3: event }) => event) };
    };
  });

const deltasOf = (frames: FrameV2[]) =>
  frames.filter(({ 3: event }) => event === "response_delta").map(({ 4: body }) => body);

describe("a join in the middle of a turn", () => {
  it.for<[name: string, payload: (turnId: string, over: string) => object]>([
    ["no cursor", () => ({})],
    ["an offset beyond the text", (turn_id) => ({ resume: { turn_id, offset: 8 } })],
    ["the cursor of a turn that is over", (_id, turn_id) => ({ resume: { turn_id } })],
    ["the cursor of an unknown turn", () => ({ resume: { turn_id: "unknown", offset: 3 } })],
    ["a cursor that is none", () => ({ resume: "here" })],
  ])(
    "a join in mid-turn with %s gets the whole text as a restart, before presence_state",
    async ([_what, payload], { midTurn, joinAgain }) => {
      const { door, over, turnId } = midTurn;
      const { device, reply, shown, names } = await joinAgain(payload(turnId, over));
      expect(reply.running_turn).toEqual({ turn_id: turnId, query: "Go", offset: 7 });
      expect(names.slice(-3)).toEqual(["thinking", "response_delta", "presence_state"]);
      expect(deltasOf(shown)).toEqual([{ turn_id: turnId, offset: 0, text: "one two", restart: true }]);
      door.open();
      const response = await device.next(({ 3: event, 4: body }) => event === "response" && body.turn_id === turnId);
      const deltas = device.frames
        .filter(({ 3: event }) => event === "response_delta")
        .map(({ 4: body }) => Object(body));
      expect(answerText(deltas)).toBe(response[4].response);
    },
  );

  it.for([0, 3, 7])(
    "a join in mid-turn with a cursor at %i gets one thinking and the text from there",
    async (offset, { midTurn, joinAgain }) => {
      const { door, turnId } = midTurn;
      const { device, shown, names } = await joinAgain({ resume: { turn_id: turnId, offset } });
      expect(names.filter((event) => event === "thinking")).toHaveLength(1);
      expect(names.filter((event) => event === "response")).toHaveLength(0);
      const text = "one two".slice(offset);
      expect(deltasOf(shown).filter((delta) => delta.text)).toEqual(text ? [{ turn_id: turnId, offset, text }] : []);
      door.open();
      const isDelta = ({ 3: event, 4: body }: FrameV2) => event === "response_delta" && body.offset === 7;
      expect((await device.next(isDelta))[4]).toMatchObject({ text: " three" });
      await device.next(({ 3: event }) => event === "response");
    },
  );

  it("a join in mid-turn does not disturb other devices", async ({ conversation, midTurn, joinAgain }) => {
    const { door, turnId } = midTurn;
    await joinAgain();
    door.open();
    const { text, deltas } = await conversation.turn(turnId);
    expect(text).toBe("one two three");
    expect(deltas.some(({ restart }) => restart)).toBe(false);
  });
});

describe("a join after turns have ended", () => {
  it("a join gets the turns that ended after its cursor, in order, and no others", async ({
    conversation,
    joinAgain,
  }) => {
    const ids = [];
    for (const content of ["a", "b", "c"]) ids.push((await conversation.ask(content, simple)).turnId);
    const endsAfter = async (resume: object) => {
      const { shown, names } = await joinAgain({ resume });
      expect(names.at(-1)).toBe("presence_state");
      return shown.filter(({ 3: event }) => event === "response").map(({ 4: body }) => body.turn_id);
    };
    expect(await endsAfter({ turn_id: ids[0] })).toEqual(ids.slice(1));
    expect(await endsAfter({ turn_id: ids[1], offset: 0 })).toEqual(ids.slice(1));
    expect(await endsAfter({ turn_id: ids[2] })).toEqual([]);
  });

  it("a join gets nothing of a session that was reset", async ({ conversation, joinAgain }) => {
    const { turnId } = await conversation.ask("a", simple);
    await conversation.push("new_conversation");
    for (const payload of [{}, { resume: { turn_id: turnId, offset: 1 } }]) {
      const { names } = await joinAgain(payload);
      expect(names).toEqual(["presence_state"]);
    }
  });
});

it("phoenix.js that loses its connection in mid-turn rejoins by itself and gets one response", async ({
  server,
  model,
}) => {
  await using lossy = await server.connect();
  let seen: object = {};
  const conversation = await lossy.join(crypto.randomUUID(), () => seen);
  const door = gate();
  model.next({ text: "one two three", gate: door });
  const { response } = await conversation.push("message", { content: "Go", ...simple });
  door.release(2);
  const isSecond = ({ offset, text }: { offset: number; text: string }) => offset + text.length === 7;
  await conversation.next("response_delta", isSecond);
  seen = { resume: { turn_id: response.turn_id, offset: 7 } };
  lossy.drop();
  await expect.poll(() => conversation.joins.length).toBe(2);
  door.open();
  const { text, terminal } = await conversation.turn(response.turn_id);
  expect({ text, event: terminal.event }).toEqual({ text: "one two three", event: "response" });
  expect(conversation.terminals(response.turn_id)).toHaveLength(1);
});
