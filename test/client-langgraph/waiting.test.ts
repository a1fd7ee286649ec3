import { randomUUID } from "node:crypto";
import { AIMessage } from "@langchain/core/messages";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { ConversationValues } from "../../packages/client/langgraph/langgraph.ts";
import { type Asking, type Step, script, startAsking } from "../stock/asking-engine.ts";
import { hook } from "./support.ts";

let asking: Asking;
beforeAll(async () => {
  asking = await startAsking();
});
afterAll(() => asking[Symbol.asyncDispose]());

type Page = ReturnType<typeof hook>;

function open(id: string): Page {
  return hook(new URL("/socket", asking.server.http).href.replace("http", "ws"), id);
}

/** Asks the engine that does what the message says. */
function say(page: Page, ...steps: Step[]) {
  const { content, options } = script(...steps);
  return page.submit(content, { config: { configurable: { options } } });
}

const values = (page: Page) => page.snapshot().values as ConversationValues;
const asked = (page: Page) => page.snapshot().interrupts.map(({ value }) => value);
const waits = (page: Page, ...questions: unknown[]) => expect.poll(() => asked(page)).toEqual(questions);

describe("useStream, when a turn waits for a person", () => {
  it("shows the interrupt, and goes on with the answer", async () => {
    await using mine = open(randomUUID());
    await mine.controller.hydrationPromise;
    await say(mine, { say: "Well. " }, { ask: { really: true } }, { say: "!" });
    await waits(mine, { really: true });
    await mine.idle();
    expect(mine.texts().at(-1)).toBe("Well. ");
    await mine.controller.respond("yes");
    await expect.poll(() => mine.texts().at(-1)).toBe('Well. "yes"!');
    await mine.idle();
    expect(asked(mine)).toEqual([]);
    expect(values(mine)).toMatchObject({ requests: [], turns: [{ status: "completed" }] });
  });

  it("asks several times in one turn", async () => {
    await using mine = open(randomUUID());
    await mine.controller.hydrationPromise;
    await say(mine, { ask: "One?" }, { say: " " }, { ask: "Two?" }, { say: "." });
    await waits(mine, "One?");
    await mine.controller.respond(1);
    await waits(mine, "Two?");
    await mine.idle();
    await mine.controller.respond(2);
    await expect.poll(() => mine.texts().at(-1)).toBe("1 2.");
    await mine.idle();
    expect(mine.snapshot()).toMatchObject({ interrupts: [], error: undefined });
  });

  it("answers several requests, each by its id", async () => {
    await using mine = open(randomUUID());
    await mine.controller.hydrationPromise;
    await say(mine, { all: ["one?", "two?"], file: asking.file() }, { say: "Both." });
    await expect.poll(() => asked(mine)).toHaveLength(2);
    const ids = mine.snapshot().interrupts.map(({ id }) => id ?? "");
    await mine.controller.respondAll(Object.fromEntries(ids.map((id) => [id, true])));
    await expect.poll(() => mine.texts().at(-1)).toBe("Both.");
  });

  it("shows the interrupt after a reload, and keeps it when the next message is queued", async () => {
    const id = randomUUID();
    await using mine = open(id);
    await mine.controller.hydrationPromise;
    await say(mine, { ask: "Really?" }, { say: "!" });
    await waits(mine, "Really?");
    await using again = open(id);
    await again.controller.hydrationPromise;
    await waits(again, "Really?");
    await again.idle();
    void say(again, { say: "next" });
    await expect.poll(() => values(again).turns.map(({ status }) => status)).toEqual(["waiting", "queued"]);
    await waits(again, "Really?");
    await again.controller.respond(1);
    await expect.poll(() => again.texts().slice(1)).toEqual(["1!", expect.any(String), "next"]);
  });

  it("knows in its values what another device has answered; an answer after that is refused", async () => {
    const id = randomUUID();
    await using mine = open(id);
    await using other = open(id);
    await Promise.all([mine.controller.hydrationPromise, other.controller.hydrationPromise]);
    const until = asking.file();
    await say(mine, { ask: "Really?" }, { tool: "look", file: asking.file(), until }, { say: "Done." });
    await Promise.all([waits(mine, "Really?"), waits(other, "Really?")]);
    await expect.poll(() => values(mine).requests).toMatchObject([{ value: "Really?", status: "open" }]);
    await other.controller.respond(true);
    await expect.poll(() => values(mine).requests).toEqual([]);
    await expect(mine.controller.respond(false)).rejects.toMatchObject({ code: "not_found" });
    asking.touch(until);
    await expect.poll(() => mine.texts().at(-1)).toContain("Done.");
  });
});

it("a tool call is a message with tool_calls, and its result a tool message, also after a reload", async () => {
  const id = randomUUID();
  await using mine = open(id);
  await mine.controller.hydrationPromise;
  const until = asking.file();
  const asks = say(mine, { tool: "look", file: asking.file(), until }, { say: "Found." });
  const calls = (page: Page) =>
    page.snapshot().messages.map((message) => {
      const { type, name, text } = message;
      const called = AIMessage.isInstance(message) ? (message.tool_calls ?? []) : [];
      return called.length > 0 ? { type, tool_calls: called } : { type, name, text };
    });
  const call = { type: "ai", tool_calls: [expect.objectContaining({ name: "look", args: { at: 0 } })] };
  await expect.poll(() => calls(mine).slice(1)).toEqual([call]);
  expect(mine.snapshot().toolCalls).toMatchObject([{ name: "look", status: "running" }]);
  asking.touch(until);
  await asks;
  const all = [
    call,
    { type: "tool", name: "look", text: "result of look" },
    { type: "ai", name: undefined, text: expect.stringContaining("Found.") },
  ];
  await expect.poll(() => calls(mine).slice(1)).toEqual(all);
  await expect
    .poll(() => mine.snapshot().toolCalls)
    .toMatchObject([{ name: "look", status: "finished", output: "result of look" }]);
  await using again = open(id);
  await again.controller.hydrationPromise;
  await expect.poll(() => calls(again).slice(1)).toEqual(all);
});
