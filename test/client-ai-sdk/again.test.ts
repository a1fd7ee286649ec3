import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { start } from "../support/start.ts";
import { chatPage } from "./support.ts";

const server = await start({ RATE_LIMIT_MESSAGES: "0" });
afterAll(() => server.close());
beforeEach(() => server.model.reset());

const simple = { body: { options: { engine: "simple" } } };

async function withTurns(...questions: string[]) {
  const mine = chatPage(server.url, randomUUID());
  for (const text of questions) await mine.chat.sendMessage({ text }, simple);
  return mine;
}

describe("regenerate", () => {
  it("answers the last question again", async () => {
    await using mine = await withTurns("One", "Two");
    server.model.next("Better");
    await mine.chat.regenerate(simple);
    expect(mine.texts()).toEqual(["One", "Answer to: One", "Two", "Better"]);
    await mine.settled();
  });

  it("of an earlier answer answers that question, and drops what follows", async () => {
    await using mine = await withTurns("One", "Two", "Three");
    server.model.next("Better");
    await mine.chat.regenerate({ messageId: mine.chat.messages[3]?.id, ...simple });
    expect(mine.texts()).toEqual(["One", "Answer to: One", "Two", "Better"]);
    await mine.settled();
  });

  it("can be repeated, and the question keeps its id", async () => {
    await using mine = await withTurns("One");
    const id = mine.chat.messages[0]?.id;
    for (const answer of ["Second", "Third"]) {
      server.model.next(answer);
      await mine.chat.regenerate(simple);
      await mine.shows(answer);
    }
    await mine.settled();
    expect(mine.chat.messages[0]?.id).toBe(id);
  });

  it("of a question that is still on its way asks it once", async () => {
    await using mine = chatPage(server.url, randomUUID());
    void mine.chat.sendMessage({ text: "One" }, simple);
    await new Promise(setImmediate);
    expect(mine.chat.status).toBe("submitted");
    await mine.chat.regenerate(simple);
    expect(mine.texts()).toEqual(["One", "Answer to: One"]);
    await mine.settled();
  });

  it("works on what was loaded from the history", async () => {
    const id = randomUUID();
    await using first = chatPage(server.url, id);
    await first.chat.sendMessage({ text: "One" }, simple);
    await using second = chatPage(server.url, id);
    await second.shows("Answer to: One");
    server.model.next("Better");
    await second.chat.regenerate(simple);
    expect(second.texts()).toEqual(["One", "Better"]);
    await second.settled();
    await first.settled();
  });

  it("that is refused brings back what it would have replaced", async () => {
    await using mine = await withTurns("One", "Two");
    await mine.chat.regenerate({ body: { llm_config: { model: "no-such-model" } } });
    expect(mine.chat.error).toMatchObject({ code: "model_not_allowed" });
    await expect.poll(() => mine.texts().slice(0, 4)).toEqual(["One", "Answer to: One", "Two", "Answer to: Two"]);
  });
});

describe("a question that is edited", () => {
  it("is answered in place, and what follows goes", async () => {
    await using mine = await withTurns("One", "Two", "Three");
    await mine.chat.sendMessage({ text: "Zwei", messageId: mine.chat.messages[2]?.id }, simple);
    expect(mine.texts()).toEqual(["One", "Answer to: One", "Zwei", "Answer to: Zwei"]);
    await mine.settled();
  });

  it("can be edited again, and the answer regenerated", async () => {
    await using mine = await withTurns("One");
    const messageId = mine.chat.messages[0]?.id;
    await mine.chat.sendMessage({ text: "Two", messageId }, simple);
    await mine.chat.sendMessage({ text: "Three", messageId }, simple);
    await mine.settled();
    server.model.next("Better");
    await mine.chat.regenerate(simple);
    expect(mine.texts()).toEqual(["Three", "Better"]);
    await mine.settled();
  });
});
