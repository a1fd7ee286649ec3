import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { gate } from "../support/model-server.ts";
import { start } from "../support/start.ts";
import { tcpProxy } from "../support/tcp-proxy.ts";
import { eventsOf, page, shown } from "./support.ts";

const server = await start({ RATE_LIMIT_MESSAGES: "0" });
afterAll(() => server.close());
beforeEach(() => server.model.reset());

const simple = { options: { engine: "simple" as const } };

describe("every question gets an outcome", () => {
  it("when another device resets the conversation right after it", async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = randomUUID();
      await using mine = page(server.url, id);
      await using other = page(server.url, id);
      await Promise.all([mine.conversation.joined, other.conversation.joined]);
      const turn = mine.conversation.ask("Hello?", simple);
      const reset = other.conversation.push("new_conversation", {});
      const [outcome] = await Promise.allSettled([turn.response, reset]);
      const code = outcome.status === "rejected" ? outcome.reason.code : "answered";
      expect(["reset", "answered"]).toContain(code);
    }
  });

  it("when another device acknowledged the answer while this page was offline", async () => {
    const id = randomUUID();
    await using proxy = await tcpProxy(server.http);
    await using mine = page(`${proxy.url.replace("http", "ws")}socket`, id);
    await using other = page(server.url, id);
    await other.conversation.joined;
    const tokens = gate();
    server.model.next({ text: "one two", gate: tokens });
    const turn = mine.conversation.ask("Count!", simple);
    await turn.accepted;
    proxy.stall();
    proxy.cut();
    tokens.open();
    await expect.poll(() => other.named("response").length).toBe(1);
    await other.acknowledged();
    proxy.resume();
    expect(shown(await eventsOf(turn))).toBe("one two");
  });

  it("when its id is that of a message already answered on this page", async () => {
    await using mine = page(server.url, randomUUID());
    const first = await mine.conversation.ask("Once", { id: "m1", ...simple }).response;
    const again = mine.conversation.ask("Once", { id: "m1", ...simple });
    await expect(again.response).resolves.toMatchObject({ turn_id: first.turn_id, response: first.response });
    expect(mine.named("response")).toHaveLength(1);
  });

  it("when two messages have the same id: both get the same turn", async () => {
    await using mine = page(server.url, randomUUID());
    const turns = [0, 1].map(() => mine.conversation.ask("Once", { id: "m1", ...simple }));
    const events = await Promise.all(turns.map(eventsOf));
    expect(events.map(shown)).toEqual(["Answer to: Once", "Answer to: Once"]);
  });

  it("when the page has left", async () => {
    await using mine = page(server.url, randomUUID());
    await mine.conversation.joined;
    mine.conversation.leave();
    await expect(mine.conversation.ask("Hello?").response).rejects.toMatchObject({ code: "left" });
  });

  it("when its turn is several history pages back", async () => {
    const id = randomUUID();
    await using first = page(server.url, id);
    await first.conversation.ask("Once", { id: "m1", ...simple }).response;
    for (const n of [1, 2]) {
      server.model.next({ text: `${n}`.repeat(300_000) });
      await first.conversation.ask(`Long ${n}`, simple).response;
    }
    await using second = page(server.url, id);
    const again = second.conversation.ask("Once", { id: "m1", ...simple });
    await expect(again.response).resolves.toMatchObject({ response: "Answer to: Once" });
  });
});

it("asking for an old turn again does not repeat the turns after it", async () => {
  const id = randomUUID();
  await using first = page(server.url, id);
  for (const n of [1, 2, 3]) await first.conversation.ask(`q${n}`, { id: `m${n}`, ...simple }).response;
  await first.acknowledged();
  await using second = page(server.url, id);
  await second.conversation.ask("q1", { id: "m1", ...simple }).response;
  second.drop();
  await expect.poll(() => second.named("joined").length).toBe(2);
  await second.conversation.push("get_history", {});
  expect(second.named("response").map(({ query }) => query)).toEqual(["q1"]);
});
