import { describe, expect } from "vitest";

import { simple } from "../support/conversation.ts";
import { it as conversationTest } from "../support/fixture.ts";
import { gate } from "../support/model-server.ts";

const it = conversationTest
  /** Asks the questions one after the other and returns their turn ids. */
  .extend("asked", ({ conversation }) => async (...questions: string[]) => {
    const ids: string[] = [];
    for (const question of questions) ids.push((await conversation.ask(question, simple)).turnId);
    return ids;
  })
  /** Replaces a turn and waits for the end of the new one. */
  .extend("again", ({ conversation }) => async (event: "regenerate" | "edit", payload: object = {}) => {
    const { status, response } = await conversation.push(event, payload);
    expect(status).toBe("ok");
    return { reply: response, ...(await conversation.turn(response.turn_id)) };
  })
  .extend("history", ({ conversation }) => async () => {
    const { response } = await conversation.push("get_history");
    return response.turns.map(({ turn_id, query }) => [turn_id, query]);
  })
  /** The messages of the last model request, without the prompt. */
  .extend("lastMessages", ({ model }) => () => {
    const [, ...messages] = model.requests.at(-1)?.messages ?? [];
    return messages.map(({ content }) => content);
  });

describe("regenerate", () => {
  it("regenerate answers the last message again, from the state before it", async ({
    asked,
    again,
    history,
    lastMessages,
  }) => {
    const ids = await asked("one", "two");
    const { reply, terminal } = await again("regenerate");
    expect(reply).toMatchObject({ replaces: ids[1], duplicate: false, position: 0 });
    expect(terminal.payload).toMatchObject({ query: "two", metadata: { replaces: ids[1] } });
    expect(lastMessages()).toEqual(["one", "Answer to: one", "two"]);
    expect(await history()).toEqual([
      [ids[0], "one"],
      [reply.turn_id, "two"],
    ]);
  });

  it("regenerate of an earlier turn removes that turn and later ones from history and memory", async ({
    conversation,
    asked,
    again,
    history,
    lastMessages,
  }) => {
    const ids = await asked("one", "two", "three");
    const { reply } = await again("regenerate", { turn_id: ids[0] });
    expect(lastMessages()).toEqual(["one"]);
    await conversation.ask("next", simple);
    expect(lastMessages()).toEqual(["one", "Answer to: one", "next"]);
    expect((await history()).map(([, query]) => query)).toEqual(["one", "next"]);
    expect((await history())[0]?.[0]).toBe(reply.turn_id);
  });

  it("regenerate accepts other model settings", async ({ model, asked, again }) => {
    await asked("one");
    await again("regenerate", { llm_config: { temperature: 0.1, model: "gpt-4" } });
    expect(model.requests.at(-1)?.body).toMatchObject({ temperature: 0.1, model: "gpt-4" });
  });

  it("regenerate works for any turn of the history", async ({ asked, again, lastMessages }) => {
    const questions = Array.from({ length: 30 }, (_, index) => `q${index}`);
    const ids = await asked(...questions);
    await again("regenerate", { turn_id: ids[3] });
    expect(lastMessages()).toEqual(["q0", "Answer to: q0", "q1", "Answer to: q1", "q2", "Answer to: q2", "q3"]);
  });

  it("regenerate while a turn runs stops that turn first", async ({ model, conversation, asked, again }) => {
    await asked("one");
    const held = gate();
    model.next({ text: "never told in full", gate: held });
    const { response } = await conversation.push("message", { content: "two", ...simple });
    await held.held();
    const { reply, terminal } = await again("regenerate");
    expect(reply.replaces).toBe(response.turn_id);
    const stopped = await conversation.turn(response.turn_id);
    expect(stopped.terminal.payload.metadata).toMatchObject({ stopped: true });
    expect(terminal.payload.response).toBe("Answer to: two");
  });

  it("regenerate of an unknown turn is refused", async ({ conversation }) => {
    expect((await conversation.push("regenerate", {})).response.reason).toBe("not_found");
    expect((await conversation.push("regenerate", { turn_id: "x" })).response.reason).toBe("not_found");
  });
});

describe("edit", () => {
  it("edit replaces a turn with new content", async ({ asked, again, history, lastMessages }) => {
    const ids = await asked("one", "two", "three");
    const { terminal } = await again("edit", { turn_id: ids[1], content: "zwei" });
    expect(terminal.payload).toMatchObject({ query: "zwei", metadata: { replaces: ids[1] } });
    expect(lastMessages()).toEqual(["one", "Answer to: one", "zwei"]);
    expect((await history()).map(([, query]) => query)).toEqual(["one", "zwei"]);
  });
});

describe("regenerate and edit", () => {
  it("take the context, options and model settings of a message; what is left out stays as it was", async ({
    model,
    conversation,
    asked,
    again,
  }) => {
    await conversation.push("set_context", { context: { language: "Elixir" } });
    const [turn_id] = await asked("one");
    const llm_config = { temperature: 0.1 };
    const changed = await again("edit", { turn_id, content: "uno", context: { level: "expert" }, llm_config });
    expect(model.requests.at(-1)?.body).toMatchObject({ temperature: 0.1 });
    expect(model.requests.at(-1)?.system).toMatch(/"language":\s*"Elixir".*"level":\s*"expert"/s);
    expect(changed.terminal.payload.conversation_type).toBe("simple");
    const options = { engine: "generation", include_examples: true };
    const other = await again("regenerate", { options, context: { level: "beginner" } });
    expect(other.terminal.payload).toMatchObject({ query: "uno", conversation_type: "generation" });
    expect(model.requests.at(-1)?.system).toMatch(/"level":\s*"beginner"/);
    const same = await again("regenerate");
    expect(same.terminal.payload).toMatchObject({ query: "uno", conversation_type: "generation" });
    expect(model.requests.at(-1)?.system).toMatch(/"level":\s*"beginner"/);
    expect(model.requests.at(-1)?.body).toMatchObject({ temperature: 0.1 });
  });

  it("with an id that was used before start no turn, also when they arrive at once", async ({
    model,
    conversation,
    asked,
    history,
  }) => {
    const [turn_id] = await asked("one");
    const edit = { turn_id, content: "uno", id: "e1" };
    const replies = await Promise.all(Array.from({ length: 10 }, () => conversation.push("edit", edit)));
    const [first] = replies.filter(({ response }) => !response.duplicate);
    expect(replies.map(({ status, response }) => [status, response.turn_id, response.replaces])).toEqual(
      Array(10).fill(["ok", first?.response.turn_id, turn_id]),
    );
    expect(replies.filter(({ response }) => response.duplicate)).toHaveLength(9);
    await conversation.turn(first?.response.turn_id ?? "");
    const { response } = await conversation.push("regenerate", { id: "r1" });
    await conversation.turn(response.turn_id);
    expect((await conversation.push("regenerate", { id: "r1" })).response).toEqual({ ...response, duplicate: true });
    expect((await conversation.push("edit", edit)).response).toMatchObject({ duplicate: true });
    expect(await history()).toEqual([[response.turn_id, "uno"]]);
    expect(model.requests).toHaveLength(3);
  });

  it("with an engine that does not exist are refused", async ({ conversation, asked }) => {
    await asked("one");
    const refusal = await conversation.push("regenerate", { options: { engine: "none" } });
    expect(refusal.response.reason).toBe("invalid_payload");
  });

  it("tell every device which turn leaves as soon as the new one begins", async ({ conversation, asked }) => {
    const [turn_id] = await asked("one");
    const { response } = await conversation.push("regenerate", {});
    const begun = await conversation.next("thinking", (event) => event.turn_id === response.turn_id);
    expect(begun).toMatchObject({ stage: "accepted", query: "one", replaces: turn_id });
    await conversation.turn(response.turn_id);
  });
});

describe("feedback", () => {
  it("feedback is accepted for a turn of this conversation, and refused for others or out of range", async ({
    conversation,
    asked,
  }) => {
    const ids = await asked("one");
    expect((await conversation.push("feedback", { turn_id: ids[0], score: 1, comment: "good" })).status).toBe("ok");
    expect((await conversation.push("feedback", { turn_id: "x", score: 1 })).response.reason).toBe("not_found");
    expect((await conversation.push("feedback", { turn_id: ids[0], score: 2 })).response.reason).toBe(
      "invalid_payload",
    );
  });
});
