import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { faults, gate, isText } from "../support/model-server.ts";
import { start } from "../support/start.ts";
import { eventsOf, page, shown } from "./support.ts";

const server = await start({ RATE_LIMIT_MESSAGES: "0", MODEL_TIMEOUT_MS: "2000" });
afterAll(() => server.close());
beforeEach(() => server.model.reset());

const simple = { options: { engine: "simple" as const } };
const fresh = () => randomUUID();

describe("a question", () => {
  it("is a stream of events, from the server's reply to the whole answer", async () => {
    await using mine = page(server.url, fresh());
    server.model.next({ chunks: ["one", " two", " three"] });
    const events = await eventsOf(mine.conversation.ask("Count!", simple));
    const types = events.map(({ type }) => type);
    expect(types[0]).toBe("accepted");
    expect(types.at(-1)).toBe("response");
    expect(types).toContain("thinking");
    expect(shown(events)).toBe("one two three");
    expect(events.at(-1)).toMatchObject({ response: "one two three", metadata: { model_used: "test-model" } });
  });

  it("can be awaited without iterating", async () => {
    await using mine = page(server.url, fresh());
    const { response } = await mine.conversation.ask("Hello?").response;
    expect(response).toBe("Answer to: Hello?");
  });

  it("gives a late reader all the text so far in one event", async () => {
    await using mine = page(server.url, fresh());
    server.model.next({ chunks: ["one", " two", " three"] });
    const turn = mine.conversation.ask("Count!", simple);
    await turn.response;
    const texts = (await eventsOf(turn)).filter(({ type }) => type === "text");
    expect(texts).toMatchObject([{ text: "one two three", delta: "one two three" }]);
  });

  it("with the id of an earlier message gets that message's answer, on another page too", async () => {
    const id = fresh();
    await using first = page(server.url, id);
    const { turn_id } = await first.conversation.ask("Once", { id: "m1" }).response;
    await expect.poll(async () => (await first.conversation.push("get_history", {})).turns.length).toBe(1);
    await first.conversation.push("feedback", { turn_id, score: 1 });
    await using second = page(server.url, id);
    const again = second.conversation.ask("Once", { id: "m1" });
    await expect(again.accepted).resolves.toMatchObject({ turn_id, duplicate: true });
    await expect(again.response).resolves.toMatchObject({ turn_id, response: "Answer to: Once" });
  });

  it("that is refused rejects with the reason, in `accepted`, `response` and the iterator", async () => {
    await using mine = page(server.url, fresh());
    const turn = mine.conversation.ask(" ");
    await expect(turn.accepted).rejects.toMatchObject({ name: "ConversationError", code: "invalid_payload" });
    await expect(turn.response).rejects.toMatchObject({ code: "invalid_payload" });
    await expect(eventsOf(turn)).rejects.toMatchObject({ code: "invalid_payload" });
  });

  it("whose turn fails rejects with the reason, and the next one is answered", async () => {
    await using mine = page(server.url, fresh());
    server.model.next(faults.refusal);
    const turn = mine.conversation.ask("Something bad", simple);
    await expect(turn.response).rejects.toMatchObject({ code: "model_refused" });
    await expect(eventsOf(turn)).rejects.toMatchObject({ code: "model_refused" });
    expect(mine.named("failed")).toHaveLength(1);
    expect((await mine.conversation.ask("Hello?", simple).response).response).toBe("Answer to: Hello?");
  });

  it("is stopped by its signal, not by leaving the iteration", async () => {
    await using mine = page(server.url, fresh());
    const tokens = gate();
    server.model.next({ chunks: ["one", " two"], gate: tokens });
    const stopping = new AbortController();
    const turn = mine.conversation.ask("Count!", { ...simple, signal: stopping.signal });
    const next = mine.conversation.ask("And then?", simple);
    tokens.release();
    for await (const { type } of turn) if (type === "text") break; // leaving the loop does not stop the turn
    stopping.abort();
    await expect(turn.response).resolves.toMatchObject({ response: "one", metadata: { stopped: true } });
    await expect(next.response).resolves.toMatchObject({ response: "Answer to: And then?" });
  });

  it("is dropped when the conversation is reset", async () => {
    await using mine = page(server.url, fresh());
    const tokens = gate();
    server.model.next({ text: "never", gate: tokens });
    const turn = mine.conversation.ask("Hello?", simple);
    await turn.accepted;
    await mine.conversation.push("new_conversation", {});
    await expect(turn.response).rejects.toMatchObject({ code: "reset" });
    tokens.open();
    expect((await mine.conversation.ask("Hello again?", simple).response).response).toBe("Answer to: Hello again?");
  });
});

describe("an answered turn", () => {
  it("can be regenerated or edited", async () => {
    await using mine = page(server.url, fresh());
    const first = await mine.conversation.ask("What is it?", simple).response;
    server.model.nextFor(isText, "A better answer.");
    const second = await mine.conversation.regenerate().response;
    expect(second).toMatchObject({ response: "A better answer.", metadata: { replaces: first.turn_id } });
    const third = await mine.conversation.edit(second.turn_id, "What else?").response;
    expect(third).toMatchObject({ response: "Answer to: What else?", metadata: { replaces: second.turn_id } });
    await expect(mine.conversation.edit("unknown", "What?").accepted).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("a conversation", () => {
  it("reports events from other devices to its listeners", async () => {
    const id = fresh();
    await using mine = page(server.url, id);
    await using other = page(server.url, id);
    await Promise.all([mine.conversation.joined, other.conversation.joined]);
    const { turn_id } = await mine.conversation.ask("Hello?", simple).response;
    await expect.poll(() => other.named("response")).toMatchObject([{ turn_id, response: "Answer to: Hello?" }]);
    expect(other.named("text").at(-1)).toMatchObject({ turn_id, text: "Answer to: Hello?" });
  });

  it("of another user refuses permanently", async () => {
    const id = fresh();
    await using mine = page(server.url, id);
    await mine.conversation.joined;
    await using stranger = page(server.url, id, {}, "key-b");
    const turn = stranger.conversation.ask("Hello?");
    await expect(stranger.conversation.joined).rejects.toMatchObject({ code: "not_found" });
    await expect(turn.response).rejects.toMatchObject({ code: "not_found" });
  });
});
