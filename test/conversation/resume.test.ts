import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { answerText } from "../support/client.ts";
import { gate } from "../support/model-server.ts";
import { type FrameV2, rawClient } from "../support/raw-client.ts";
import { start } from "../support/start.ts";

const server = await start({ RATE_LIMIT_MESSAGES: "0", RATE_LIMIT_JOINS: "0", RATE_LIMIT_CONNECTIONS: "0" });
const client = await server.connect();
const simple = { options: { engine: "simple" } };
beforeEach(() => server.model.reset());
afterAll(async () => {
  await client.close();
  await server.close();
});

/** A turn of which `one two` was shown, behind one that is over. */
async function midTurn() {
  const conversation = await client.join(crypto.randomUUID());
  const over = await conversation.ask("Before", simple);
  const door = gate();
  server.model.nextFor(({ user }) => user === "Go", { text: "one two three", gate: door });
  const { response } = await conversation.push("message", { content: "Go", ...simple });
  door.release(2);
  await conversation.next(
    "response_delta",
    ({ turn_id, offset, text }) => turn_id === response.turn_id && offset + text.length === 7,
  );
  return { conversation, door, over: over.turnId, turnId: response.turn_id };
}

/** All that a fresh device is sent after its join, up to the answer to its first push. */
async function joinWith(topic: string, payload: object = {}) {
  const device = await rawClient(server.url, { params: { api_key: "key-a" } });
  device.send(["1", "1", topic, "phx_join", payload]);
  device.send(["1", "2", topic, "typing", { typing: false }]);
  await device.next(([, ref]) => ref === "2");
  const own = device.frames.filter(([, ref]) => ref !== "2");
  const [joined, ...rest] = own;
  const shown = rest.filter(({ 3: event }) => event !== "presence_diff");
  return { device, reply: Object(joined?.[4].response), shown, names: shown.map(({ 3: event }) => event) };
}

const deltasOf = (frames: FrameV2[]) =>
  frames.filter(({ 3: event }) => event === "response_delta").map(({ 4: body }) => body);

describe("a join in the middle of a turn", () => {
  it.each([
    ["no cursor", () => ({})],
    ["an offset beyond the text", (turn_id: string) => ({ resume: { turn_id, offset: 8 } })],
    ["the cursor of a turn that is over", (_id: string, turn_id: string) => ({ resume: { turn_id } })],
    ["the cursor of an unknown turn", () => ({ resume: { turn_id: "unknown", offset: 3 } })],
    ["a cursor that is none", () => ({ resume: "here" })],
  ])("with %s brings the whole text as a restart, before presence_state", async (_what, payload) => {
    const { conversation, door, over, turnId } = await midTurn();
    const { device, reply, shown, names } = await joinWith(conversation.topic, payload(turnId, over));
    expect(reply.running_turn).toEqual({ turn_id: turnId, query: "Go", offset: 7 });
    expect(names.slice(-3)).toEqual(["thinking", "response_delta", "presence_state"]);
    expect(deltasOf(shown)).toEqual([{ turn_id: turnId, offset: 0, text: "one two", restart: true }]);
    door.open();
    const response = await device.next(({ 3: event, 4: body }) => event === "response" && body.turn_id === turnId);
    const deltas = device.frames
      .filter(({ 3: event }) => event === "response_delta")
      .map(({ 4: body }) => Object(body));
    expect(answerText(deltas)).toBe(response[4].response);
    await device.close();
  });

  it.each([0, 3, 7])("with a cursor at %i brings one thinking and the text from there on", async (offset) => {
    const { conversation, door, turnId } = await midTurn();
    const { device, shown, names } = await joinWith(conversation.topic, { resume: { turn_id: turnId, offset } });
    expect(names.filter((event) => event === "thinking")).toHaveLength(1);
    expect(names.filter((event) => event === "response")).toHaveLength(0);
    const text = "one two".slice(offset);
    expect(deltasOf(shown).filter((delta) => delta.text)).toEqual(text ? [{ turn_id: turnId, offset, text }] : []);
    door.open();
    const isDelta = ({ 3: event, 4: body }: FrameV2) => event === "response_delta" && body.offset === 7;
    expect((await device.next(isDelta))[4]).toMatchObject({ text: " three" });
    await device.next(({ 3: event }) => event === "response");
    await device.close();
  });

  it("disturbs no other device", async () => {
    const { conversation, door, turnId } = await midTurn();
    const { device } = await joinWith(conversation.topic);
    await device.close();
    door.open();
    const { text, deltas } = await conversation.turn(turnId);
    expect(text).toBe("one two three");
    expect(deltas.some(({ restart }) => restart)).toBe(false);
  });
});

describe("a join after turns have ended", () => {
  it("brings those after the cursor, in order, and no others", async () => {
    const conversation = await client.join(crypto.randomUUID());
    const ids = [];
    for (const content of ["a", "b", "c"]) ids.push((await conversation.ask(content, simple)).turnId);
    const endsAfter = async (resume: object) => {
      const { device, shown, names } = await joinWith(conversation.topic, { resume });
      await device.close();
      expect(names.at(-1)).toBe("presence_state");
      return shown.filter(({ 3: event }) => event === "response").map(({ 4: body }) => body.turn_id);
    };
    expect(await endsAfter({ turn_id: ids[0] })).toEqual(ids.slice(1));
    expect(await endsAfter({ turn_id: ids[1], offset: 0 })).toEqual(ids.slice(1));
    expect(await endsAfter({ turn_id: ids[2] })).toEqual([]);
  });

  it("brings nothing of a session that was reset", async () => {
    const conversation = await client.join(crypto.randomUUID());
    const { turnId } = await conversation.ask("a", simple);
    await conversation.push("new_conversation");
    for (const payload of [{}, { resume: { turn_id: turnId, offset: 1 } }]) {
      const { device, names } = await joinWith(conversation.topic, payload);
      await device.close();
      expect(names).toEqual(["presence_state"]);
    }
  });
});

it("phoenix.js that loses its connection in mid-turn rejoins by itself and gets the one response", async () => {
  await using lossy = await server.connect();
  let seen: object = {};
  const conversation = await lossy.join(crypto.randomUUID(), () => seen);
  const door = gate();
  server.model.next({ text: "one two three", gate: door });
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
