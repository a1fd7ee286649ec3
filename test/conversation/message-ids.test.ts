import { afterAll, beforeEach, describe, expect, it } from "vitest";

import type { Conversation } from "../support/client.ts";
import { gate } from "../support/model-server.ts";
import { start } from "../support/start.ts";

const server = await start({ RATE_LIMIT_MESSAGES: "0" });
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

const say = (content: string, extra: object = {}) => conversation.push("message", { content, ...simple, ...extra });

describe("the same message id", () => {
  it("starts nothing again: while it runs, when it is over, and in a new session", async () => {
    const door = gate();
    server.model.next({ text: "Answer", gate: door });
    const { response: first } = await say("Hi", { id: "m1" });
    const again = await say("Hi, changed", { id: "m1", options: { when_busy: "replace" } });
    expect(again).toMatchObject({ status: "ok", response: { turn_id: first.turn_id, duplicate: true } });
    door.open();
    await conversation.turn(first.turn_id);
    await conversation.push("new_conversation");
    expect((await say("Hi", { id: "m1" })).response).toMatchObject({ turn_id: first.turn_id, duplicate: true });
    expect(server.model.requests).toHaveLength(1);
    expect(conversation.terminals(first.turn_id)).toHaveLength(1);
  });

  it("sent twenty times at once is one turn", async () => {
    const replies = await Promise.all(Array.from({ length: 20 }, () => say("Hi", { id: "many" })));
    expect(new Set(replies.map(({ response }) => response.turn_id)).size).toBe(1);
    expect(replies.filter(({ response }) => response.duplicate)).toHaveLength(19);
    await conversation.turn(replies[0]?.response.turn_id ?? "");
    expect(server.model.requests).toHaveLength(1);
  });

  it("sent at once as a message that waits and as one that replaces is the one that is accepted first, alone", async () => {
    const door = gate();
    server.model.next({ text: "Long", gate: door });
    const { response: running } = await say("Before", {});
    const other = await server.connect();
    const second = await other.join(conversation.topic.replace("conversation:", ""));
    const [replacing, waiting] = await Promise.all([
      say("replaces", { id: "both", options: { engine: "simple", when_busy: "replace" } }),
      second.push("message", { content: "waits", id: "both", ...simple }),
    ]);
    expect(waiting.response.turn_id).toBe(replacing.response.turn_id);
    door.open();
    const end = await conversation.turn(running.turn_id);
    const answer = await conversation.turn(waiting.response.turn_id);
    const isReplaced = answer.terminal.payload.query === "replaces";
    expect(end.terminal.payload.metadata.stopped ?? false).toBe(isReplaced);
    await other.close();
  });

  it("is another message in another conversation", async () => {
    const other = await client.join(crypto.randomUUID());
    await conversation.ask("Hi", { ...simple, id: "m" });
    expect((await other.ask("Hi", { ...simple, id: "m" })).reply).toMatchObject({ duplicate: false });
  });
});
