import { randomUUID } from "node:crypto";
import { Socket } from "phoenix";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";

import { type Conversation, conversation } from "../../packages/client/conversation.ts";
import { conversationStream } from "../../packages/client/langgraph/langgraph.ts";
import { page as clientPage } from "../client/support.ts";
import { faults, gate } from "../support/model-server.ts";
import { start } from "../support/start.ts";
import { controlled, hook } from "./support.ts";

const server = await start({ RATE_LIMIT_MESSAGES: "0", FALLBACK_MODELS: "second" });
afterAll(() => server.close());
beforeEach(() => server.model.reset());

const simple = { config: { configurable: { options: { engine: "simple" } } } };

function connect(): Socket {
  const socket = new Socket(server.url, { transport: WebSocket, params: { api_key: "key-a" } });
  socket.connect();
  return socket;
}

/** A conversation can be open once on a socket. */
function isFree(socket: Socket, id: string): boolean {
  try {
    conversation(socket, id, { storage: null }).leave();
    return true;
  } catch {
    return false;
  }
}

describe("the conversation of a stream", () => {
  it("is open as long as a component uses it, and opened again for the next", async () => {
    const [socket, id] = [connect(), randomUUID()];
    const stream = conversationStream(socket, id, { storage: null });
    expect(conversationStream(socket, id)).toBe(stream);
    expect(isFree(socket, id)).toBe(true);
    const [one, two] = [controlled(stream), controlled(stream)];
    await one.submit("Hello", simple);
    await expect.poll(two.texts).toEqual(["Hello", "Answer to: Hello"]);
    await one.controller.dispose();
    await two.submit("Again", simple);
    expect(isFree(socket, id)).toBe(false);
    await two.controller.dispose();
    await expect.poll(() => isFree(socket, id)).toBe(true);
    const next = controlled(stream);
    await expect.poll(next.texts).toEqual(["Hello", "Answer to: Hello", "Again", "Answer to: Again"]);
    await next.controller.dispose();
    socket.disconnect();
  });

  it("is left to who opened it", async () => {
    const socket = connect();
    const given: Conversation = conversation(socket, randomUUID(), { storage: null });
    const page = controlled(conversationStream(given));
    await page.submit("Hello", simple);
    await expect.poll(page.texts).toEqual(["Hello", "Answer to: Hello"]);
    await page.controller.dispose();
    await expect(given.ask("Again", simple.config.configurable as object).response).resolves.toBeDefined();
    given.leave();
    socket.disconnect();
  });

  it("may begin anew: its messages go, and nothing runs", async () => {
    await using page = hook(server.url, randomUUID());
    await page.controller.hydrationPromise;
    const door = gate();
    server.model.next({ chunks: ["one ", "two "], gate: door });
    const submitted = page.submit("Count!", simple);
    door.release();
    await expect.poll(page.texts).toEqual(["Count!", "one "]);
    await using other = hook(server.url, page.stream.threadId);
    await expect.poll(other.texts).toEqual(["Count!", "one "]);
    await using client = await server.connect();
    const joined = await client.join(page.stream.threadId);
    await joined.push("new_conversation", {});
    await submitted;
    await expect.poll(page.texts).toEqual([""]); // the SDK takes no list without messages
    await expect.poll(other.texts).toEqual([""]);
    await page.idle();
    await other.idle();
    await page.submit("Again", simple);
    await expect.poll(other.texts).toEqual(["Again", "Answer to: Again"]);
    door.open();
  });

  it("has older turns on demand", async () => {
    const id = randomUUID();
    {
      await using before = clientPage(server.url, id, { storage: null });
      for (let index = 0; index < 51; index += 1) {
        await before.conversation.ask(`Question ${index}`, { options: { engine: "simple" } }).response;
      }
      await before.acknowledged();
    }
    await using page = hook(server.url, id);
    await expect.poll(() => page.texts().length).toBe(100);
    expect(page.snapshot().values.hasEarlier).toBe(true);
    await page.stream.transport.loadEarlier();
    await expect.poll(() => page.texts()[0]).toBe("Question 0");
    expect(page.snapshot().values.hasEarlier).toBe(false);
    expect(new Set(page.texts()).size).toBe(102);
  });
});

describe("an answer", () => {
  it("that starts over is shown once", async () => {
    await using page = hook(server.url, randomUUID());
    server.model.next({ ...faults.contentFilter, chunkDelayMs: 20 }, { text: "four five" });
    await page.submit("Go", simple);
    await expect.poll(page.texts).toEqual(["Go", "four five"]);
  });

  it("is replaced by that to the next message, with multitaskStrategy interrupt", async () => {
    await using page = hook(server.url, randomUUID());
    await page.controller.hydrationPromise;
    const door = gate();
    server.model.next({ chunks: ["one ", "two "], gate: door }, "three");
    void page.submit("First", simple);
    door.release();
    await expect.poll(page.texts).toEqual(["First", "one "]);
    await page.submit("Second", { ...simple, multitaskStrategy: "interrupt" });
    await expect.poll(page.texts).toEqual(["First", "one ", "Second", "three"]);
    await expect.poll(() => page.snapshot().values.turns.map(({ status }) => status)).toEqual(["stopped", "completed"]);
    await page.idle();
    door.open();
  });

  it("to each of several messages comes in order", async () => {
    await using page = hook(server.url, randomUUID());
    server.model.next("one", "two");
    await page.controller.submit(
      { messages: ["First", "Second"].map((content) => ({ type: "human", content })) },
      simple,
    );
    await expect.poll(page.texts).toEqual(["First", "one", "Second", "two"]);
  });

  it("is not asked for by anything but text of a person", async () => {
    await using page = hook(server.url, randomUUID());
    await page.controller.hydrationPromise;
    await page.controller.submit({ messages: [{ type: "ai", content: "Hello" }] }, simple);
    expect(page.snapshot().error).toMatchObject({ code: "invalid_payload" });
    await page.controller.submit(null, simple);
    expect(page.snapshot().error).toMatchObject({ code: "invalid_payload" });
  });
});
