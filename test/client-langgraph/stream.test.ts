import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { gate } from "../support/model-server.ts";
import { start } from "../support/start.ts";
import { hook } from "./support.ts";

const server = await start({ RATE_LIMIT_MESSAGES: "0" });
afterAll(() => server.close());
beforeEach(() => server.model.reset());

const simple = { config: { configurable: { options: { engine: "simple" } } } };

describe("useStream over a conversation", () => {
  it("shows the question at once and the answer as it is written", async () => {
    await using page = hook(server.url, randomUUID());
    await page.controller.hydrationPromise;
    const door = gate();
    server.model.next({ chunks: ["one ", "two ", "three"], gate: door });
    const submitted = page.submit("Count!", simple);
    expect(page.texts()).toEqual(["Count!"]);
    door.release(2);
    await expect.poll(page.texts).toEqual(["Count!", "one two "]);
    expect(page.snapshot().isLoading).toBe(true);
    door.open();
    await submitted;
    await expect.poll(page.texts).toEqual(["Count!", "one two three"]);
    expect(page.snapshot()).toMatchObject({ isLoading: false, error: undefined });
  });

  it("keeps the reasoning as a block of its own", async () => {
    await using page = hook(server.url, randomUUID(), { preferences: { include_reasoning: true } });
    server.model.next({ reasoning: ["Let me ", "think."], text: "one two" });
    await page.submit("Go", simple);
    await expect
      .poll(() => page.snapshot().messages[1]?.content)
      .toEqual([
        { type: "reasoning", reasoning: "Let me think." },
        { type: "text", text: "one two" },
      ]);
  });

  it("tells steps, route and status of each turn in its values", async () => {
    await using page = hook(server.url, randomUUID());
    await page.submit("Hello", simple);
    await expect.poll(() => page.snapshot().values.turns[0]?.status).toBe("completed");
    const [turn] = page.snapshot().values.turns;
    const [question, answer] = page.snapshot().messages;
    expect(turn).toMatchObject({ routed_to: "simple_conversation", question: question?.id, answer: answer?.id });
    expect(answer?.response_metadata).toMatchObject({ model_used: turn?.metadata?.model_used });
  });

  it("has the history after a reload", async () => {
    const id = randomUUID();
    {
      await using page = hook(server.url, id);
      await page.submit("First", simple);
      await page.submit("Second", simple);
    }
    await using page = hook(server.url, id);
    await page.controller.hydrationPromise;
    await expect.poll(() => page.texts().length).toBe(4);
    expect(page.texts().filter((_, index) => index % 2 === 0)).toEqual(["First", "Second"]);
    await page.idle();
  });

  it("goes on with a running answer after a reload, and stops it", async () => {
    const id = randomUUID();
    const door = gate();
    server.model.next({ chunks: ["one ", "two ", "three"], gate: door });
    {
      await using page = hook(server.url, id);
      void page.submit("Count!", simple);
      door.release(1);
      await expect.poll(page.texts).toEqual(["Count!", "one "]);
    }
    await using page = hook(server.url, id);
    await expect.poll(page.texts).toEqual(["Count!", "one "]);
    await expect.poll(() => page.snapshot().isLoading).toBe(true);
    door.release(1);
    await expect.poll(page.texts).toEqual(["Count!", "one two "]);
    await page.stream.transport.stop();
    await page.idle();
    await expect.poll(page.texts).toEqual(["Count!", "one two "]);
    await expect.poll(() => page.snapshot().values.turns).toMatchObject([{ status: "stopped" }]);
    door.open();
  });

  it("stops its own turn by the hook's stop, on the server too", async () => {
    await using page = hook(server.url, randomUUID());
    const door = gate();
    server.model.next({ chunks: ["one ", "two "], gate: door });
    const submitted = page.submit("Count!", simple);
    door.release(1);
    await expect.poll(page.texts).toEqual(["Count!", "one "]);
    await page.controller.stop();
    await submitted;
    await expect.poll(() => page.snapshot().values.turns[0]?.status).toBe("stopped");
    await expect.poll(page.texts).toEqual(["Count!", "one "]);
    door.open();
  });

  it("goes on after a lost connection, and nothing is lost or doubled", async () => {
    await using page = hook(server.url, randomUUID());
    const door = gate();
    server.model.next({ chunks: ["one ", "two ", "three"], gate: door });
    const submitted = page.submit("Count!", simple);
    door.release(1);
    await expect.poll(page.texts).toEqual(["Count!", "one "]);
    page.drop();
    door.open();
    await submitted;
    await expect.poll(page.texts).toEqual(["Count!", "one two three"]);
  });

  it("shows in an idle page what another page asks", async () => {
    const id = randomUUID();
    await using idle = hook(server.url, id);
    await idle.controller.hydrationPromise;
    await using page = hook(server.url, id);
    const door = gate();
    server.model.next({ chunks: ["one ", "two "], gate: door });
    const submitted = page.submit("Count!", simple);
    door.release(1);
    await expect.poll(idle.texts).toEqual(["Count!", "one "]);
    expect(idle.snapshot().isLoading).toBe(true);
    door.open();
    await submitted;
    await expect.poll(idle.texts).toEqual(["Count!", "one two "]);
    await idle.idle();
    server.model.next("again");
    await page.submit("Again", simple);
    await expect.poll(idle.texts).toEqual(["Count!", "one two ", "Again", "again"]);
    await idle.idle();
  });

  it("answers messages in the order in which they were sent, while another is answered", async () => {
    await using page = hook(server.url, randomUUID());
    const door = gate();
    server.model.next({ text: "one", gate: door }, "two");
    void page.submit("First", simple);
    await expect.poll(() => page.snapshot().values.turns.length).toBe(1);
    const second = page.submit("Second", { ...simple, multitaskStrategy: "enqueue" });
    door.open();
    await second;
    await expect.poll(page.texts).toEqual(["First", "one", "Second", "two"]);
    await page.idle();
  });

  it("reports why a turn failed, and goes on with the next", async () => {
    await using page = hook(server.url, randomUUID());
    server.model.next({ status: 400 });
    await page.submit("Fail", simple);
    expect(page.snapshot().error).toBeInstanceOf(Error);
    await expect
      .poll(() => page.snapshot().values.turns[0])
      .toMatchObject({ status: "failed", error: { code: "model_unavailable" } });
    server.model.next("fine");
    await page.submit("Again", simple);
    expect(page.snapshot().error).toBeUndefined();
    await expect.poll(page.texts).toEqual(["Fail", "Again", "fine"]);
  });

  it("reports a refused message with its code, and keeps it on screen", async () => {
    await using page = hook(server.url, randomUUID());
    await page.controller.hydrationPromise;
    await page.submit("x".repeat(5000), simple);
    expect(page.snapshot().error).toMatchObject({ code: "content_too_long" });
    expect(page.texts()).toHaveLength(1);
    expect(page.snapshot().isLoading).toBe(false);
  });

  it("reports a refused join as the error of the hydration", async () => {
    const id = randomUUID();
    await using page = hook(server.url, id);
    await page.submit("Mine", simple);
    await using other = hook(server.url.replace("key-a", "key-b"), id, { user_id: "user-b" });
    await expect.poll(() => other.snapshot().error).toMatchObject({ code: "unauthorized" });
  });
});
