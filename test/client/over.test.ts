import { randomUUID } from "node:crypto";
import { Socket } from "phoenix";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";

import { type Conversation, conversation } from "../../packages/client/conversation.ts";
import { start, unlimited } from "../support/start.ts";
import { page } from "./support.ts";

const server = await start(unlimited);
afterAll(() => server.close());

const shown = ({ store }: Conversation) =>
  store.getSnapshot().turns.map(({ query, status, error }) => [query, status, error?.code]);

/** A conversation that belongs to somebody else. */
async function ofAnother(): Promise<string> {
  const id = randomUUID();
  await using owner = page(server.url, id);
  await owner.conversation.joined;
  return id;
}

describe("a message of a conversation that is over", () => {
  it("is shown as refused after the conversation was left", async () => {
    await using mine = page(server.url, randomUUID());
    await mine.conversation.joined;
    expect(shown(mine.conversation)).toEqual([]);
    mine.conversation.leave();
    await expect(mine.conversation.ask("Anybody?").accepted).rejects.toMatchObject({ code: "left" });
    expect(shown(mine.conversation)).toEqual([["Anybody?", "refused", "left"]]);
  });

  it("leaves an answered turn as it is if it has the same id", async () => {
    await using mine = page(server.url, randomUUID());
    const { store } = mine.conversation;
    await mine.conversation.ask("Hello?", { id: "m1" }).response;
    mine.conversation.leave();
    await expect(mine.conversation.ask("Hello?", { id: "m1" }).accepted).rejects.toMatchObject({ code: "left" });
    expect(store.getSnapshot().turns).toMatchObject([{ query: "Hello?", status: "completed" }]);
  });

  it("is shown as refused if it waited for a join that was refused", async () => {
    await using mine = page(server.url, await ofAnother(), {}, "key-b");
    const { accepted } = mine.conversation.ask("May I?");
    expect(shown(mine.conversation)).toEqual([["May I?", "sending", undefined]]);
    await expect(accepted).rejects.toMatchObject({ code: "not_found" });
    expect(shown(mine.conversation)).toEqual([["May I?", "refused", "not_found"]]);
    await expect(mine.conversation.ask("And now?").accepted).rejects.toMatchObject({ code: "not_found" });
    expect(shown(mine.conversation).at(-1)).toEqual(["And now?", "refused", "not_found"]);
  });

  it("is shown as refused if it waited when the conversation was left, and nothing is stored", async () => {
    await using mine = page(server.url, randomUUID(), { storage: null });
    const { accepted } = mine.conversation.ask("Too late?");
    expect(shown(mine.conversation)).toEqual([["Too late?", "sending", undefined]]);
    mine.conversation.leave();
    await expect(accepted).rejects.toMatchObject({ code: "left" });
    expect(shown(mine.conversation)).toEqual([["Too late?", "refused", "left"]]);
  });
});

it("a page may ignore what stop and loadEarlier return", async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  const socket = new Socket(server.url, { transport: WebSocket, params: { api_key: "key-a" }, timeout: 100 });
  onTestFinished(() => socket.disconnect());
  socket.connect();
  const id = randomUUID();
  const first = conversation(socket, id);
  for (let n = 0; n <= 50; n += 1) await first.ask(`Question ${n}`, { options: { engine: "simple" } }).response;
  first.leave();
  const chat = conversation(socket, id);
  await expect.poll(() => chat.store.outline.getSnapshot().hasEarlier).toBe(true);
  socket.disconnect();
  await expect.poll(() => socket.isConnected()).toBe(false);
  chat.ask("Anybody?").stop();
  chat.stop();
  chat.store.loadEarlier();
  await expect(chat.push("stop", {})).rejects.toMatchObject({ code: "timeout" }); // pushed last, so it ends last
  chat.leave();
  await new Promise(setImmediate);
  expect(unhandled).toEqual([]);
});
