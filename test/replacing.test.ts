import { describe, expect, it } from "vitest";

import { gate } from "./support/model-server.ts";
import { start } from "./support/start.ts";

const unlimited = { RATE_LIMIT_MESSAGES: "0", RATE_LIMIT_PUSHES: "0" };
const simple = { options: { engine: "simple" } };

async function talk(questions: string[]) {
  const started = await start(unlimited);
  const client = await started.connect();
  const conversation = await client.join("c");
  const ids: string[] = [];
  for (const question of questions) ids.push((await conversation.ask(question, simple)).reply.turn_id ?? "");
  const again = async (event: "regenerate" | "edit", payload: object) => {
    const { status, response } = await conversation.push(event, payload);
    expect(status).toBe("ok");
    return { reply: response, ...(await conversation.turn(String(response.turn_id))) };
  };
  const history = async () => {
    const { response } = await conversation.push("get_history", {});
    return (response.turns ?? []).map(({ turn_id, query }: { turn_id: string; query: string }) => [turn_id, query]);
  };
  const lastMessages = () => {
    const [, ...messages] = started.model.requests.at(-1)?.messages ?? [];
    return messages.map(({ content }) => content);
  };
  return {
    ...started,
    model: started.model,
    conversation,
    ids,
    again,
    history,
    lastMessages,
    async [Symbol.asyncDispose]() {
      await client.close();
      await started.close();
    },
  };
}

describe("regenerate", () => {
  it("regenerate answers the last message again, from the state before it", async () => {
    await using talked = await talk(["one", "two"]);
    const { reply, terminal } = await talked.again("regenerate", {});
    expect(reply).toMatchObject({ replaces: talked.ids[1], duplicate: false, position: 0 });
    expect(terminal.payload).toMatchObject({ query: "two", metadata: { replaces: talked.ids[1] } });
    expect(talked.lastMessages()).toEqual(["one", "Answer to: one", "two"]);
    expect(await talked.history()).toEqual([
      [talked.ids[0], "one"],
      [reply.turn_id, "two"],
    ]);
  });

  it("regenerate of an earlier turn removes that turn and later ones from history and memory", async () => {
    await using talked = await talk(["one", "two", "three"]);
    const { reply } = await talked.again("regenerate", { turn_id: talked.ids[0] });
    expect(talked.lastMessages()).toEqual(["one"]);
    await talked.conversation.ask("next", simple);
    expect(talked.lastMessages()).toEqual(["one", "Answer to: one", "next"]);
    expect((await talked.history()).map(([, query]) => query)).toEqual(["one", "next"]);
    expect((await talked.history())[0]?.[0]).toBe(reply.turn_id);
  });

  it("regenerate accepts other model settings", async () => {
    await using talked = await talk(["one"]);
    await talked.again("regenerate", { llm_config: { temperature: 0.1, model: "gpt-4" } });
    expect(talked.model.requests.at(-1)?.body).toMatchObject({ temperature: 0.1, model: "gpt-4" });
  });

  it("works further back than checkpoints are kept", async () => {
    const questions = Array.from({ length: 30 }, (_, index) => `q${index}`);
    await using talked = await talk(questions);
    await talked.again("regenerate", { turn_id: talked.ids[3] });
    expect(talked.lastMessages()).toEqual(["q0", "Answer to: q0", "q1", "Answer to: q1", "q2", "Answer to: q2", "q3"]);
  });

  it("regenerate while a turn runs stops that turn first", async () => {
    await using talked = await talk(["one"]);
    const held = gate();
    talked.model.next({ text: "never told in full", gate: held });
    const { response } = await talked.conversation.push("message", { content: "two", ...simple });
    await held.held();
    const { reply, terminal } = await talked.again("regenerate", {});
    expect(reply.replaces).toBe(response.turn_id);
    const stopped = await talked.conversation.turn(String(response.turn_id));
    expect(stopped.terminal.payload.metadata).toMatchObject({ stopped: true });
    expect(terminal.payload.response).toBe("Answer to: two");
  });

  it("regenerate of an unknown turn is refused", async () => {
    await using talked = await talk([]);
    expect((await talked.conversation.push("regenerate", {})).response.reason).toBe("not_found");
    expect((await talked.conversation.push("regenerate", { turn_id: "x" })).response.reason).toBe("not_found");
  });
});

describe("edit", () => {
  it("edit answers new content in place of the old", async () => {
    await using talked = await talk(["one", "two", "three"]);
    const { terminal } = await talked.again("edit", { turn_id: talked.ids[1], content: "zwei" });
    expect(terminal.payload).toMatchObject({ query: "zwei", metadata: { replaces: talked.ids[1] } });
    expect(talked.lastMessages()).toEqual(["one", "Answer to: one", "zwei"]);
    expect((await talked.history()).map(([, query]) => query)).toEqual(["one", "zwei"]);
  });
});

describe("feedback", () => {
  it("feedback is accepted for a turn of this conversation, and refused for others or out of range", async () => {
    await using talked = await talk(["one"]);
    const { conversation, ids } = talked;
    expect((await conversation.push("feedback", { turn_id: ids[0], score: 1, comment: "good" })).status).toBe("ok");
    expect((await conversation.push("feedback", { turn_id: "x", score: 1 })).response.reason).toBe("not_found");
    expect((await conversation.push("feedback", { turn_id: ids[0], score: 2 })).response.reason).toBe(
      "invalid_payload",
    );
  });
});
