import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { gate } from "../support/model-server.ts";
import { start } from "../support/start.ts";
import { type ChatPage, chatPage } from "./support.ts";

const server = await start({ RATE_LIMIT_MESSAGES: "0" });
afterAll(() => server.close());
beforeEach(() => server.model.reset());

const simple = { body: { options: { engine: "simple" } } };
const alone = { follow: false };

/** Asks on a page, and stops in the middle of the answer. */
async function halfAnswered(mine: ChatPage) {
  const tokens = gate();
  server.model.next({ chunks: ["one", " two", " three"], gate: tokens });
  void mine.chat.sendMessage({ text: "Count!" }, simple);
  tokens.release(2);
  await mine.shows("one two");
  return tokens;
}

const statuses = async ({ conversation }: ChatPage) =>
  (await conversation.push("get_history", {})).turns.map(({ status }) => status);

describe("a page that is opened in the middle of an answer", () => {
  it("shows the text so far and goes on with `resume`", async () => {
    const id = randomUUID();
    await using first = chatPage(server.url, id);
    const tokens = await halfAnswered(first);
    await using second = chatPage(server.url, id, alone);
    second.chat.messages = await second.transport.history();
    expect(second.texts()).toEqual(["Count!", "one two"]);
    const resumed = second.chat.resumeStream();
    await expect.poll(() => second.chat.status).toBe("streaming");
    tokens.open();
    await resumed;
    expect(second.texts()).toEqual(["Count!", "one two three"]);
    expect(second.chat.status).toBe("ready");
  });

  it("needs no history for that", async () => {
    const id = randomUUID();
    await using first = chatPage(server.url, id);
    const tokens = await halfAnswered(first);
    await using second = chatPage(server.url, id, alone);
    void second.chat.resumeStream();
    await second.shows("one two");
    tokens.open();
    await second.shows("one two three");
  });

  it("has nothing to resume if no turn runs", async () => {
    const id = randomUUID();
    await using first = chatPage(server.url, id);
    await first.chat.sendMessage({ text: "Hello" }, simple);
    await using second = chatPage(server.url, id, alone);
    await second.chat.resumeStream();
    expect([second.chat.status, second.texts()]).toEqual(["ready", []]);
  });
});

describe("history", () => {
  it("has every message with its metadata, also of stopped and failed turns", async () => {
    const id = randomUUID();
    await using first = chatPage(server.url, id);
    await first.chat.sendMessage({ text: "Hello" }, simple);
    const tokens = await halfAnswered(first);
    await first.chat.stop();
    await first.settled();
    tokens.open();
    await using second = chatPage(server.url, id, alone);
    const messages = await second.transport.history();
    expect(messages).toMatchObject([
      { role: "user", parts: [{ type: "text", text: "Hello" }] },
      { role: "assistant", metadata: { status: "completed", model_used: "test-model", usage: { llm_calls: 1 } } },
      { role: "user" },
      { role: "assistant", metadata: { status: "stopped", stopped: true } },
    ]);
    expect(messages.map(({ id: messageId }) => messageId)).toHaveLength(4);
    expect(new Set(messages.map(({ id: messageId }) => messageId)).size).toBe(4);
  });

  it("is rejected with the reason if the conversation belongs to another user", async () => {
    const id = randomUUID();
    await using first = chatPage(server.url, id);
    await first.conversation.joined;
    await using other = chatPage(server.url, id, { apiKey: "key-b" });
    await expect(other.transport.history()).rejects.toMatchObject({ code: "not_found" });
    await other.chat.resumeStream();
    expect(other.chat.error).toMatchObject({ code: "not_found" });
  });
});

describe("stop", () => {
  it("stops the turn, and the page shows what the server keeps of it", async () => {
    await using mine = chatPage(server.url, randomUUID());
    await halfAnswered(mine);
    await mine.chat.stop();
    expect(mine.chat.status).toBe("ready");
    await expect.poll(() => statuses(mine)).toEqual(["stopped"]);
    await mine.settled();
    await expect.poll(() => mine.last()?.metadata).toMatchObject({ status: "stopped", stopped: true });
  });

  it("is final for the page: it does not stream what the server still sends", async () => {
    await using mine = chatPage(server.url, randomUUID());
    await halfAnswered(mine);
    const resumes: unknown[] = [];
    const { resumeStream } = mine.chat;
    mine.chat.resumeStream = (...options) => {
      resumes.push(options);
      return resumeStream(...options);
    };
    await mine.chat.stop();
    await expect.poll(() => mine.last()?.metadata?.status).toBe("stopped");
    await mine.settled();
    expect(resumes).toEqual([]);
  });

  it("in the middle of fast text leaves exactly what the server keeps", async () => {
    await using mine = chatPage(server.url, randomUUID());
    server.model.next({ chunks: Array.from({ length: 2000 }, (_, at) => `${at} `), chunkDelayMs: 1 });
    void mine.chat.sendMessage({ text: "Count!" }, simple);
    await expect.poll(() => mine.texts()[1]?.length).toBeGreaterThan(100);
    await mine.chat.stop();
    await expect.poll(() => mine.last()?.metadata?.status).toBe("stopped");
    await mine.settled();
  });

  it("stops a turn that was resumed", async () => {
    const id = randomUUID();
    await using first = chatPage(server.url, id);
    await halfAnswered(first);
    await using second = chatPage(server.url, id);
    await expect.poll(() => second.chat.status).toBe("streaming");
    await second.chat.stop();
    await expect.poll(() => statuses(second)).toEqual(["stopped"]);
    await first.settled();
    expect(first.last()?.metadata).toMatchObject({ status: "stopped" });
  });

  it("of a message that the server does not have yet stops it once it arrives", async () => {
    await using mine = chatPage(server.url, randomUUID());
    const tokens = gate();
    server.model.next({ chunks: ["one"], gate: tokens });
    void mine.chat.sendMessage({ text: "Go" }, simple);
    await new Promise(setImmediate);
    expect(mine.chat.status).toBe("submitted");
    await mine.chat.stop();
    await expect.poll(() => statuses(mine)).toEqual(["stopped"]);
    await mine.settled();
  });

  it("does not happen when a component mounts twice, as in React's StrictMode, or the page resumes twice", async () => {
    const id = randomUUID();
    await using first = chatPage(server.url, id);
    const tokens = await halfAnswered(first);
    await using second = chatPage(server.url, id, alone);
    void second.chat.resumeStream();
    void second.chat.stop();
    void second.chat.resumeStream();
    await second.shows("one two");
    void second.chat.resumeStream();
    await expect.poll(() => second.chat.status).toBe("streaming");
    tokens.open();
    await second.shows("one two three");
    expect(await statuses(second)).toEqual(["completed"]);
  });

  it("leaves the turn alone with `detach`", async () => {
    await using mine = chatPage(server.url, randomUUID(), { ...alone, onAbort: "detach" });
    const tokens = await halfAnswered(mine);
    await mine.chat.stop();
    tokens.open();
    await expect.poll(() => statuses(mine)).toEqual(["completed"]);
  });

  it("is not sent by a page that closes", async () => {
    const id = randomUUID();
    const first = chatPage(server.url, id);
    const tokens = await halfAnswered(first);
    await first[Symbol.asyncDispose]();
    await using second = chatPage(server.url, id);
    await second.shows("one two");
    tokens.open();
    await second.shows("one two three");
    await second.settled();
    expect(await statuses(second)).toEqual(["completed"]);
  });
});
