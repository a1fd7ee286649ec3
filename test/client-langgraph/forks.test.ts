import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { start } from "../support/start.ts";
import { hook } from "./support.ts";

const server = await start({ RATE_LIMIT_MESSAGES: "0" });
afterAll(() => server.close());
beforeEach(() => server.model.reset());

const simple = { config: { configurable: { options: { engine: "simple" } } } };

async function asked(id: string) {
  const page = hook(server.url, id);
  for (const word of ["one", "two", "three"]) {
    server.model.next(`answer ${word}`);
    await page.submit(word, simple);
  }
  await expect.poll(page.texts).toEqual(["one", "answer one", "two", "answer two", "three", "answer three"]);
  return page;
}

describe("a fork", () => {
  it("from an answer's checkpoint answers again, and the question stays the same message", async () => {
    await using page = await asked(randomUUID());
    const question = page.snapshot().messages[4]?.id;
    server.model.next("another");
    await page.controller.submit(null, { ...simple, forkFrom: page.forkOf(5) });
    await expect.poll(page.texts).toEqual(["one", "answer one", "two", "answer two", "three", "another"]);
    expect(page.snapshot().messages[4]?.id).toBe(question);
  });

  it("from an earlier checkpoint takes the later turns away", async () => {
    await using page = await asked(randomUUID());
    server.model.next("another");
    await page.controller.submit(null, { ...simple, forkFrom: page.forkOf(1) });
    await expect.poll(page.texts).toEqual(["one", "another"]);
  });

  it("with a message edits the question", async () => {
    await using page = await asked(randomUUID());
    server.model.next("answer 2");
    await page.submit("2", { ...simple, forkFrom: page.forkOf(2) });
    await expect.poll(page.texts).toEqual(["one", "answer one", "2", "answer 2"]);
  });

  it("works after a reload, and shows on another page", async () => {
    const id = randomUUID();
    {
      await using _page = await asked(id);
    }
    await using page = hook(server.url, id);
    await using other = hook(server.url, id);
    await expect.poll(() => page.texts().length).toBe(6);
    await expect.poll(() => other.texts().length).toBe(6);
    expect(page.forkOf(2)).not.toBe(page.forkOf(4));
    server.model.next("answer 2");
    await page.submit("2", { ...simple, forkFrom: page.forkOf(2) });
    await expect.poll(other.texts).toEqual(["one", "answer one", "2", "answer 2"]);
    await expect.poll(page.texts).toEqual(other.texts());
  });

  it("from a checkpoint of the history: before each question and before each answer", async () => {
    await using page = await asked(randomUUID());
    const { client } = page;
    const past = await client.threads.getHistory(page.stream.threadId, { limit: 100 });
    expect(past.map(({ values }) => (values as { messages: unknown[] }).messages.length)).toEqual([5, 4, 3, 2, 1, 0]);
    const beforeSecondAnswer = past[2]?.checkpoint.checkpoint_id ?? "";
    const older = await client.threads.getHistory(page.stream.threadId, {
      limit: 1,
      before: { configurable: { checkpoint_id: beforeSecondAnswer } },
    });
    expect(older.map(({ checkpoint }) => checkpoint.checkpoint_id)).toEqual([past[3]?.checkpoint.checkpoint_id]);
    server.model.next("another");
    await page.controller.submit(null, { ...simple, forkFrom: beforeSecondAnswer });
    await expect.poll(page.texts).toEqual(["one", "answer one", "two", "another"]);
  });

  it("from a checkpoint that is none is refused", async () => {
    await using page = hook(server.url, randomUUID());
    await page.submit("one", simple);
    await page.controller.submit(null, { forkFrom: "nothing" });
    expect(page.snapshot().error).toMatchObject({ code: "not_found" });
  });
});
