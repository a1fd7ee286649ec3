import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { gate } from "../support/model-server.ts";
import { start } from "../support/start.ts";
import { chatPage } from "./support.ts";

const server = await start({ RATE_LIMIT_MESSAGES: "0" });
afterAll(() => server.close());
beforeEach(() => server.model.reset());

const simple = { body: { options: { engine: "simple" } } };

function twoTabs() {
  const id = randomUUID();
  return { id, first: chatPage(server.url, id), second: chatPage(server.url, id) };
}

describe("a chat that follows its conversation", () => {
  it("streams what is asked in another tab", async () => {
    const { first, second } = twoTabs();
    await using _first = first;
    await using _second = second;
    await second.conversation.joined;
    const tokens = gate();
    server.model.next({ chunks: ["one", " two"], gate: tokens });
    const sent = first.chat.sendMessage({ text: "Count!" }, simple);
    tokens.release();
    await second.shows("one");
    expect([second.chat.status, second.texts()]).toEqual(["streaming", ["Count!", "one"]]);
    tokens.open();
    await sent;
    await second.settled();
    expect(second.texts()).toEqual(["Count!", "one two"]);
  });

  it("shows both questions when two tabs ask at the same time", async () => {
    const { first, second } = twoTabs();
    await using _first = first;
    await using _second = second;
    await Promise.all([first.chat.sendMessage({ text: "A" }, simple), second.chat.sendMessage({ text: "B" }, simple)]);
    await first.settled();
    await second.settled();
    expect(first.texts().toSorted()).toEqual(["A", "Answer to: A", "Answer to: B", "B"]);
    expect(second.texts()).toEqual(first.texts());
  });

  it("shows what is regenerated, edited and stopped in another tab", async () => {
    const { first, second } = twoTabs();
    await using _first = first;
    await using _second = second;
    await first.chat.sendMessage({ text: "One" }, simple);
    await second.settled();
    server.model.next("Better");
    await second.chat.regenerate(simple);
    await first.shows("Better");
    await first.chat.sendMessage({ text: "Two", messageId: first.chat.messages[0]?.id }, simple);
    await second.shows("Answer to: Two");
    const tokens = gate();
    server.model.next({ chunks: ["one", " two"], gate: tokens });
    void first.chat.sendMessage({ text: "Count!" }, simple);
    tokens.release();
    await second.shows("one");
    await second.chat.stop();
    await first.settled();
    await second.settled();
    expect([first, second].map((tab) => tab.last()?.metadata?.status)).toEqual(["stopped", "stopped"]);
  });

  it("is emptied by a new conversation", async () => {
    const { first, second } = twoTabs();
    await using _first = first;
    await using _second = second;
    await first.chat.sendMessage({ text: "One" }, simple);
    await second.settled();
    await second.conversation.push("new_conversation", {});
    await expect.poll(first.texts).toEqual([]);
    await expect.poll(second.texts).toEqual([]);
  });

  it("keeps the messages of turns that did not change", async () => {
    const { first, second } = twoTabs();
    await using _first = first;
    await using _second = second;
    await first.chat.sendMessage({ text: "One" }, simple);
    await second.settled();
    const [question, answer] = second.chat.messages;
    await first.chat.sendMessage({ text: "Two" }, simple);
    await second.shows("Answer to: Two");
    expect(second.chat.messages[0]).toBe(question);
    expect(second.chat.messages[1]).toBe(answer);
  });

  it("shows an older page of the history once it is loaded", async () => {
    const id = randomUUID();
    await using first = chatPage(server.url, id);
    for (let turn = 1; turn <= 52; turn += 1) await first.chat.sendMessage({ text: `Question ${turn}` }, simple);
    await using second = chatPage(server.url, id);
    await second.shows("Answer to: Question 52");
    expect(second.chat.messages).toHaveLength(100);
    await second.conversation.store.loadEarlier();
    expect(second.chat.messages).toHaveLength(104);
    await second.settled();
  });
});
