import { describe, expect } from "vitest";

import { simple } from "../support/conversation.ts";
import { it as conversationTest } from "../support/fixture.ts";
import { gate } from "../support/model-server.ts";

const it = conversationTest.extend("say", ({ conversation }) => {
  return (content: string, extra: object = {}) => conversation.push("message", { content, ...simple, ...extra });
});

describe("the same message id", () => {
  it("a message id that was used before starts no turn, in a later session either", async ({
    model,
    conversation,
    say,
  }) => {
    const door = gate();
    model.next({ text: "Answer", gate: door });
    const { response: first } = await say("Hi", { id: "m1" });
    const again = await say("Hi, changed", { id: "m1", options: { when_busy: "replace" } });
    expect(again).toMatchObject({ status: "ok", response: { turn_id: first.turn_id, duplicate: true } });
    door.open();
    await conversation.turn(first.turn_id);
    await conversation.push("new_conversation");
    expect((await say("Hi", { id: "m1" })).response).toMatchObject({ turn_id: first.turn_id, duplicate: true });
    expect(model.requests).toHaveLength(1);
    expect(conversation.terminals(first.turn_id)).toHaveLength(1);
  });

  it("a message sent twenty times at once is one turn", async ({ model, conversation, say }) => {
    const replies = await Promise.all(Array.from({ length: 20 }, () => say("Hi", { id: "many" })));
    expect(new Set(replies.map(({ response }) => response.turn_id)).size).toBe(1);
    expect(replies.filter(({ response }) => response.duplicate)).toHaveLength(19);
    await conversation.turn(replies[0]?.response.turn_id ?? "");
    expect(model.requests).toHaveLength(1);
  });

  it("a message sent twice at once, with when_busy queue and replace, follows only the first accepted one", async ({
    server,
    model,
    conversation,
    say,
  }) => {
    const door = gate();
    model.next({ text: "Long", gate: door });
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

  it("the same message id in another conversation is another message", async ({ client, conversation }) => {
    const other = await client.join(crypto.randomUUID());
    await conversation.ask("Hi", { ...simple, id: "m" });
    expect((await other.ask("Hi", { ...simple, id: "m" })).reply).toMatchObject({ duplicate: false });
  });
});
