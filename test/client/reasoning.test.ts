import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { faults, gate } from "../support/model-server.ts";
import { start } from "../support/start.ts";
import { eventsOf, page, reasoned, shown } from "./support.ts";

const server = await start({ RATE_LIMIT_MESSAGES: "0", FALLBACK_MODELS: "second" });
afterAll(() => server.close());
beforeEach(() => server.model.reset());

const simple = { options: { engine: "simple" as const } };
const asks = { preferences: { include_reasoning: true } };

describe("reasoning", () => {
  it("is a stream of its own before the text, for a turn and for the listeners", async () => {
    await using mine = page(server.url, randomUUID(), asks);
    server.model.next({ reasoning: ["Let me ", "think."], text: "one two" });
    const events = await eventsOf(mine.conversation.ask("Go", simple));
    const types = events.map(({ type }) => type).filter((type) => type === "reasoning" || type === "text");
    expect(types.lastIndexOf("reasoning")).toBeLessThan(types.indexOf("text"));
    expect([reasoned(events), shown(events)]).toEqual(["Let me think.", "one two"]);
    expect(mine.named("reasoning").at(-1)).toMatchObject({ text: "Let me think.", restart: false });
  });

  it("is not sent to a page that did not ask for it", async () => {
    await using mine = page(server.url, randomUUID());
    server.model.next({ reasoning: ["Let me think."], text: "one" });
    const events = await eventsOf(mine.conversation.ask("Go", simple));
    expect(events.filter(({ type }) => type === "reasoning")).toEqual([]);
  });

  it("begins again with the answer", async () => {
    await using mine = page(server.url, randomUUID(), asks);
    server.model.next(
      { reasoning: ["first"], ...faults.contentFilter, chunkDelayMs: 20 },
      { reasoning: ["second"], text: "two" },
    );
    const events = await eventsOf(mine.conversation.ask("Go", simple));
    expect([reasoned(events), shown(events)]).toEqual(["second", "two"]);
    expect(mine.named("reasoning").filter(({ restart }) => restart)).toMatchObject([{ text: "second" }]);
  });

  it("is whole again after a lost connection, and given to a late reader in one event", async () => {
    await using mine = page(server.url, randomUUID(), asks);
    const door = gate();
    server.model.next({ reasoning: ["one ", "two ", "three"], text: "four", gate: door });
    const turn = mine.conversation.ask("Go", simple);
    door.release(2);
    await expect.poll(() => mine.named("reasoning").at(-1)?.text).toBe("one two ");
    mine.drop();
    await expect.poll(() => mine.named("joined").length).toBe(2);
    door.open();
    await turn.response;
    const thoughts = (await eventsOf(turn)).filter(({ type }) => type === "reasoning");
    expect(thoughts).toMatchObject([{ text: "one two three", delta: "one two three", restart: true }]);
  });
});
