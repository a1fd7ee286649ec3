import { afterAll, beforeEach, describe, expect, it } from "vitest";

import type { Conversation } from "../support/client.ts";
import { cutAfter, faults, gate } from "../support/model-server.ts";
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

const history = async (payload: object = {}) => (await conversation.push("get_history", payload)).response;

describe("get_history", () => {
  it("has the documented fields of every turn", async () => {
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

  it("pages backwards, newest last, without gap or repetition", async () => {
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

  it("gives fifty unless asked for more", async () => {
    for (let index = 0; index < 52; index += 1) await conversation.ask(`Q${index}`, simple);
    const page = await history();
    expect(page.turns).toHaveLength(50);
    expect(page.turns.at(-1)?.query).toBe("Q51");
    expect(page.has_more).toBe(true);
    expect((await history({ limit: 200 })).turns).toHaveLength(52);
    const calls = server.model.requests.at(-1)?.messages.map(({ role }) => role) ?? [];
    expect(calls.slice(1)).toEqual(calls.slice(1).map((_, index) => (index % 2 ? "assistant" : "user")));
  });

  it("shows running and queued turns, and a failed one with what it had shown", async () => {
    server.model.next(cutAfter(3));
    const failed = await conversation.ask("Fails", simple);
    expect(failed.terminal.event).toBe("error");
    const door = gate();
    server.model.next({ text: "one two", gate: door });
    const { response: running } = await conversation.push("message", { content: "Runs", ...simple });
    const { response: queued } = await conversation.push("message", { content: "Waits", ...simple });
    await server.model.waitForRequest(2);
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

  it("is empty after new_conversation, and turns of before are unknown", async () => {
    const { turnId } = await conversation.ask("Hi", simple);
    await conversation.push("new_conversation");
    expect(await history()).toEqual({ turns: [], has_more: false });
    expect((await conversation.push("get_history", { before: turnId })).response.reason).toBe("not_found");
  });

  it("does not know the turns of another conversation", async () => {
    const other = await client.join(crypto.randomUUID());
    const { turnId } = await other.ask("Hi", simple);
    expect((await conversation.push("get_history", { before: turnId })).response.reason).toBe("not_found");
  });
});

describe("what the model remembers", () => {
  const roles = () =>
    server.model.requests
      .at(-1)
      ?.messages.map(({ role, content }) => `${role}: ${content}`)
      .slice(1);

  it("is every earlier turn in order", async () => {
    await conversation.ask("One", simple);
    await conversation.ask("Two", simple);
    await conversation.ask("Three", simple);
    expect(roles()).toEqual([
      "user: One",
      "assistant: Answer to: One",
      "user: Two",
      "assistant: Answer to: Two",
      "user: Three",
    ]);
  });

  it.each([
    ["nothing shown", { ...faults.badRequest }, ["user: Next"]],
    ["a part shown", cutAfter(3), ["user: Fails", "assistant: one two three", "user: Next"]],
    ["a refusal", { ...faults.refusal }, ["user: Next"]],
  ])("is valid after a failure with %s", async (_what, fault, expected) => {
    server.model.next(fault);
    expect((await conversation.ask("Fails", simple)).terminal.event).toBe("error");
    await conversation.ask("Next", simple);
    expect(roles()?.map((one) => one.trim())).toEqual(expected);
  });
});
