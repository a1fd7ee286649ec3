import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

import type { ConversationEvents } from "../../packages/client/conversation.ts";
import { gate } from "../support/model-server.ts";
import { start, unlimited } from "../support/start.ts";
import { tcpProxy } from "../support/tcp-proxy.ts";
import { eventsOf, page, shown } from "./support.ts";

const server = await start(unlimited);
afterAll(() => server.close());
beforeEach(() => server.model.reset());

const simple = { options: { engine: "simple" as const } };

describe("preferences", () => {
  it("change in the middle of an answer, of which nothing is lost or doubled", async () => {
    await using mine = page(server.url, randomUUID());
    const tokens = gate();
    server.model.next({ chunks: ["one", " two", " three"], gate: tokens });
    const turn = mine.conversation.ask("Count!", simple);
    const events = eventsOf(turn);
    tokens.release();
    await expect.poll(() => mine.named("text").at(-1)?.text).toBe("one");
    const changed = mine.conversation.setPreferences({ model: "gpt-4", temperature: 9 });
    tokens.open();
    await expect(changed).resolves.toMatchObject({ warnings: [expect.stringContaining("temperature")] });
    expect(shown(await events)).toBe("one two three");
    expect(mine.named("text").some(({ restart }) => restart)).toBe(false);
    expect(mine.named("response")).toHaveLength(1);
    await mine.conversation.ask("And?", simple).response;
    expect(server.model.requests.map(({ model }) => model)).toEqual(["test-model", "gpt-4"]);
  });

  it("change without losing the reply to a push, or a message", async () => {
    await using mine = page(server.url, randomUUID());
    await mine.conversation.joined;
    const context = mine.conversation.push("set_context", { context: { language: "Elixir" } });
    const turn = mine.conversation.ask("Hello?", { ...simple, id: "m1" });
    const changed = mine.conversation.setPreferences({ model: "gpt-4" });
    const next = mine.conversation.ask("And?", simple);
    await expect(context).resolves.toMatchObject({ context: { language: "Elixir" } });
    await expect(turn.response).resolves.toMatchObject({ response: "Answer to: Hello?" });
    await expect(next.response).resolves.toMatchObject({ response: "Answer to: And?" });
    await changed;
    expect((await mine.conversation.push("get_history", {})).turns).toHaveLength(2);
  });

  it("that change while there is no connection count from the next one on", async () => {
    await using proxy = await tcpProxy(server.http);
    proxy.stall();
    await using mine = page(`${proxy.url.replace("http", "ws")}socket`, randomUUID());
    const changed = mine.conversation.setPreferences({ model: "gpt-4" });
    proxy.resume();
    await changed;
    await mine.conversation.ask("Hello?", simple).response;
    expect(server.model.requests.map(({ model }) => model)).toEqual(["gpt-4"]);
  });

  it("cannot change once the conversation was left", async () => {
    await using mine = page(server.url, randomUUID());
    await mine.conversation.joined;
    mine.conversation.leave();
    await expect(mine.conversation.setPreferences({})).rejects.toMatchObject({ code: "left" });
  });
});

describe("a listener that comes late", () => {
  it("is told what was so far, and then everything else, until it is taken away", async () => {
    await using mine = page(server.url, randomUUID());
    const tokens = gate();
    server.model.next({ chunks: ["one", " two"], gate: tokens });
    const turn = mine.conversation.ask("Count!", simple);
    tokens.release();
    await expect.poll(() => mine.named("text").at(-1)?.text).toBe("one");
    const told: [keyof ConversationEvents, unknown][] = [];
    const note = <Event extends keyof ConversationEvents>(event: Event) =>
      mine.conversation.on(event, (payload) => told.push([event, payload]));
    note("joined");
    note("thinking");
    const away = note("text");
    note("connection");
    expect(told).toEqual([
      ["joined", expect.objectContaining({ user_id: "user-a" })],
      ["thinking", expect.objectContaining({ stage: "accepted", query: "Count!" })],
      ["thinking", expect.objectContaining({ stage: "routed" })],
      ["thinking", expect.objectContaining({ stage: "answering" })],
      ["text", expect.objectContaining({ text: "one" })],
      ["connection", { state: "open" }],
    ]);
    tokens.release();
    await expect.poll(() => told.at(-1)).toEqual(["text", expect.objectContaining({ text: "one two" })]);
    const count = told.length;
    away();
    tokens.open();
    await turn.response;
    expect(told.slice(count).filter(([event]) => event === "text")).toEqual([]);
  });
});
