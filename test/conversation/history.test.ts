import { describe, expect } from "vitest";

import { simple } from "../support/conversation.ts";
import { it as conversationTest } from "../support/fixture.ts";
import { cutAfter, faults, gate, type ModelRequest } from "../support/model-server.ts";

const it = conversationTest.extend("history", ({ conversation }) => {
  return async (payload: object = {}) => (await conversation.push("get_history", payload)).response;
});

describe("get_history", () => {
  it("get_history returns the documented fields of each turn", async ({ conversation, history }) => {
    const { terminal } = await conversation.ask("Hi", simple);
    const { turns, has_more } = await history();
    expect(has_more).toBe(false);
    const { turn_id, query, response, conversation_type, routed_to, metadata } = terminal.payload;
    expect(turns).toEqual([
      {
        turn_id,
        query,
        response,
        conversation_type,
        routed_to,
        metadata,
        status: "completed",
        timestamp: expect.any(String),
      },
    ]);
  });

  it("get_history pages backwards, newest last, without gaps or repetition", async ({ conversation, history }) => {
    const ids: string[] = [];
    for (let index = 0; index < 7; index += 1) ids.push((await conversation.ask(`Question ${index}`, simple)).turnId);
    expect((await history({ limit: 7 })).has_more).toBe(false);
    const seen: string[] = [];
    let before: string | undefined;
    for (let page = await history({ limit: 3 }); ; page = await history({ limit: 3, before })) {
      expect(page.turns.length).toBe(Math.min(3, 7 - seen.length));
      seen.unshift(...page.turns.map(({ turn_id }) => turn_id));
      before = seen[0];
      expect(page.has_more).toBe(seen.length < 7);
      if (!page.has_more) break;
    }
    expect(seen).toEqual(ids);
    expect(await history({ before: ids[0] })).toEqual({ turns: [], has_more: false });
  });

  it("get_history returns fifty turns unless asked for more", async ({ model, conversation, history }) => {
    for (let index = 0; index < 52; index += 1) await conversation.ask(`Q${index}`, simple);
    const page = await history();
    expect(page.turns).toHaveLength(50);
    expect(page.turns.at(-1)?.query).toBe("Q51");
    expect(page.has_more).toBe(true);
    expect((await history({ limit: 200 })).turns).toHaveLength(52);
    const calls = model.requests.at(-1)?.messages.map(({ role }) => role) ?? [];
    expect(calls.slice(1)).toEqual(calls.slice(1).map((_, index) => (index % 2 ? "assistant" : "user")));
  });

  it("get_history includes running and queued turns, and failed ones with the text that was shown", async ({
    model,
    conversation,
    history,
  }) => {
    model.next(cutAfter(3));
    const failed = await conversation.ask("Fails", simple);
    expect(failed.terminal.event).toBe("error");
    const door = gate();
    model.next({ text: "one two", gate: door });
    const { response: running } = await conversation.push("message", { content: "Runs", ...simple });
    const { response: queued } = await conversation.push("message", { content: "Waits", ...simple });
    await model.waitForRequest(2);
    const { turns } = await history();
    expect(turns.map(({ query, status }) => [query, status])).toEqual([
      ["Fails", "failed"],
      ["Runs", "running"],
      ["Waits", "queued"],
    ]);
    expect(turns[0]?.response).toBe(failed.text);
    expect(turns.map(({ response }) => typeof response)).toEqual(["string", "string", "string"]);
    door.open();
    await conversation.turn(running.turn_id);
    await conversation.turn(queued.turn_id);
  });

  it("after new_conversation the history is empty, and earlier turns are not found", async ({
    conversation,
    history,
  }) => {
    const { turnId } = await conversation.ask("Hi", simple);
    await conversation.push("new_conversation");
    expect(await history()).toEqual({ turns: [], has_more: false });
    expect((await conversation.push("get_history", { before: turnId })).response.reason).toBe("not_found");
  });

  it("get_history does not find the turns of another conversation", async ({ client, conversation }) => {
    const other = await client.join(crypto.randomUUID());
    const { turnId } = await other.ask("Hi", simple);
    expect((await conversation.push("get_history", { before: turnId })).response.reason).toBe("not_found");
  });
});

describe("what the model remembers", () => {
  const rolesOf = (request: ModelRequest | undefined) =>
    request?.messages.map(({ role, content }) => `${role}: ${content}`).slice(1);

  it("the model is sent every earlier turn in order", async ({ model, conversation }) => {
    await conversation.ask("One", simple);
    await conversation.ask("Two", simple);
    await conversation.ask("Three", simple);
    expect(rolesOf(model.requests.at(-1))).toEqual([
      "user: One",
      "assistant: Answer to: One",
      "user: Two",
      "assistant: Answer to: Two",
      "user: Three",
    ]);
  });

  it.for([
    { what: "nothing shown", fault: faults.badRequest, expected: ["user: Next"] },
    { what: "a part shown", fault: cutAfter(3), expected: ["user: Fails", "assistant: one two three", "user: Next"] },
    { what: "a refusal", fault: faults.refusal, expected: ["user: Next"] },
  ])(
    "the model is sent a valid history after a failure with $what",
    async ({ fault, expected }, { model, conversation }) => {
      model.next(fault);
      expect((await conversation.ask("Fails", simple)).terminal.event).toBe("error");
      await conversation.ask("Next", simple);
      expect(rolesOf(model.requests.at(-1))?.map((one) => one.trim())).toEqual(expected);
    },
  );
});
