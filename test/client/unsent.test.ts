import { randomUUID } from "node:crypto";
import { Socket } from "phoenix";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";

import { type Conversation, conversation, type TextStorage } from "../../packages/client/conversation.ts";
import { start, unlimited } from "../support/start.ts";
import { tcpProxy } from "../support/tcp-proxy.ts";
import { page } from "./support.ts";

const server = await start(unlimited);
afterAll(() => server.close());
beforeEach(() => server.model.reset());

const simple = { options: { engine: "simple" as const } };

/** A tab's storage. */
function tab(): TextStorage & { texts: Map<string, string> } {
  const texts = new Map<string, string>();
  return {
    texts,
    getItem: (name) => texts.get(name) ?? null,
    setItem: (name, text) => void texts.set(name, text),
    removeItem: (name) => void texts.delete(name),
  };
}

const shown = ({ store }: Conversation) =>
  store.getSnapshot().turns.map(({ query, status, text }) => [query, status, text]);
const unsent = ({ store }: Conversation) => store.outline.getSnapshot().unsent;

/** Pages behind a network that may be down. */
async function network() {
  const proxy = await tcpProxy(server.http);
  return {
    open: (id: string, storage: TextStorage | null, apiKey = "key-a") =>
      page(`${proxy.url.replace("http", "ws")}socket`, id, { storage }, apiKey),
    down: proxy.stall,
    cut: proxy.cut,
    up: proxy.resume,
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
}

/** A page that is closed while its message `m1` cannot be sent. */
async function closed(net: Awaited<ReturnType<typeof network>>, id: string, storage: TextStorage, content = "Hello?") {
  net.down();
  await using mine = net.open(id, storage);
  mine.conversation.ask(content, { ...simple, id: "m1" }).response.catch(() => {});
  expect(unsent(mine.conversation)).toEqual([{ id: "m1", content }]);
  net.cut();
  net.up();
}

/** What the server has, read by a page that stores nothing. */
async function history(id: string): Promise<string[]> {
  await using reader = page(server.url, id);
  const { turns } = await reader.conversation.push("get_history", {});
  return turns.map(({ query }) => query);
}

describe("a message that the server does not have yet", () => {
  it("is shown and sent after a reload, once", async () => {
    await using net = await network();
    const storage = tab();
    const id = randomUUID();
    await closed(net, id, storage);
    await using reloaded = net.open(id, storage);
    expect(shown(reloaded.conversation)).toEqual([["Hello?", "sending", ""]]);
    await expect.poll(() => shown(reloaded.conversation)).toEqual([["Hello?", "completed", "Answer to: Hello?"]]);
    expect(unsent(reloaded.conversation)).toEqual([]);
    expect(await history(id)).toEqual(["Hello?"]);
    expect(storage.texts.size).toBe(0);
  });

  it("that was accepted just before the reload is not sent twice", async () => {
    const storage = tab();
    const id = randomUUID();
    await using mine = page(server.url, id, { storage });
    const sent = mine.conversation.ask("Hello?", { ...simple, id: "m1" });
    const kept = new Map(storage.texts);
    await sent.response;
    for (const [name, text] of kept) storage.setItem(name, text);
    await using reloaded = page(server.url, id, { storage });
    expect(unsent(reloaded.conversation)).toHaveLength(1);
    await expect.poll(() => shown(reloaded.conversation)).toEqual([["Hello?", "completed", "Answer to: Hello?"]]);
    expect(reloaded.conversation.store.outline.getSnapshot().turnKeys).toEqual(["m1"]);
    expect(await history(id)).toEqual(["Hello?"]);
  });

  it("is sent in the background after the conversation was left", async () => {
    await using net = await network();
    const storage = tab();
    const id = randomUUID();
    net.down();
    await using mine = net.open(id, storage);
    const turn = mine.conversation.ask("Hello?", simple);
    mine.conversation.leave();
    await expect(turn.accepted).rejects.toMatchObject({ code: "left" });
    net.up();
    await expect.poll(() => history(id)).toEqual(["Hello?"]);
    await expect.poll(() => storage.texts.size).toBe(0);
  });

  it("is sent by the conversation itself if that is opened again before", async () => {
    await using net = await network();
    const storage = tab();
    const id = randomUUID();
    net.down();
    await using mine = net.open(id, storage);
    mine.conversation.ask("Hello?", { ...simple, id: "m1" }).response.catch(() => {});
    mine.conversation.leave();
    const again = mine.open(id, { storage });
    expect(unsent(again)).toEqual([{ id: "m1", content: "Hello?" }]);
    net.up();
    await expect.poll(() => shown(again)).toEqual([["Hello?", "completed", "Answer to: Hello?"]]);
    expect(await history(id)).toEqual(["Hello?"]);
  });

  it("is sent from another conversation after a reload", async () => {
    await using net = await network();
    const storage = tab();
    const id = randomUUID();
    await closed(net, id, storage);
    await using _other = net.open(randomUUID(), storage);
    await expect.poll(() => history(id)).toEqual(["Hello?"]);
    await expect.poll(() => storage.texts.size).toBe(0);
  });

  it("is never sent with another user's key", async () => {
    await using net = await network();
    const storage = tab();
    const id = randomUUID();
    await closed(net, id, storage);
    {
      await using theirs = net.open(randomUUID(), storage, "key-b");
      await theirs.conversation.ask("Theirs", simple).response;
      const same = theirs.open(id, { storage });
      expect(unsent(same)).toEqual([]);
      await same.ask("Theirs too", simple).response;
      expect((await same.push("get_history", {})).turns.map(({ query }) => query)).toEqual(["Theirs too"]);
    }
    expect(storage.texts.size).toBe(1);
    expect([...storage.texts].join()).not.toContain("key-a");
  });

  it("and is refused in the background is shown when the conversation is opened again", async () => {
    await using net = await network();
    const storage = tab();
    const id = randomUUID();
    net.down();
    await using mine = net.open(id, storage);
    mine.conversation.ask("x".repeat(5_000), { id: "m1" }).response.catch(() => {});
    mine.conversation.leave();
    net.up();
    await expect.poll(() => [...storage.texts.values()].join()).toContain("content_too_long");
    const { store } = mine.open(id, { storage });
    expect(store.getSnapshot().turns).toMatchObject([
      { key: "m1", status: "refused", error: { name: "ConversationError", code: "content_too_long" } },
    ]);
    store.dismiss("m1");
    expect(storage.texts.size).toBe(0);
  });

  it("is given up with the conversation where nothing is stored", async () => {
    await using net = await network();
    const id = randomUUID();
    net.down();
    await using mine = net.open(id, null);
    const turn = mine.conversation.ask("Hello?", simple);
    mine.conversation.leave();
    await expect(turn.response).rejects.toMatchObject({ code: "left" });
    net.up();
    const again = mine.open(id, { storage: null });
    await again.joined;
    expect((await again.push("get_history", {})).turns).toEqual([]);
  });

  it("is sent even if the storage takes nothing", async () => {
    const full = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    await using mine = page(server.url, randomUUID(), { storage: { getItem: full, setItem: full, removeItem: full } });
    await expect(mine.conversation.ask("Hello?", simple).response).resolves.toMatchObject({ query: "Hello?" });
  });
});

it("a message belongs to the user of a token, whichever token that is", () => {
  const storage = tab();
  const open = (claims: object) => {
    const token = `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;
    const socket = new Socket(server.url, { transport: WebSocket, params: { token } }); // never connected
    return conversation(socket, "with-a-token", { storage });
  };
  open({ sub: "alice", exp: 1 })
    .ask("Hello?")
    .response.catch(() => {});
  expect(unsent(open({ sub: "bob", exp: 1 }))).toEqual([]);
  expect(unsent(open({ sub: "alice", exp: 2 }))).toMatchObject([{ content: "Hello?" }]);
});

it("an edit and a regenerate are sent again after a lost connection, and accepted once", async () => {
  const id = randomUUID();
  await using proxy = await tcpProxy(server.http);
  await using mine = page(`${proxy.url.replace("http", "ws")}socket`, id);
  const { turn_id } = await mine.conversation.ask("One?", simple).response;
  proxy.stall();
  const edited = mine.conversation.edit(turn_id, "Uno?", simple);
  proxy.cut();
  proxy.resume();
  await expect(edited.response).resolves.toMatchObject({
    response: "Answer to: Uno?",
    metadata: { replaces: turn_id },
  });
  proxy.stall();
  const again = mine.conversation.regenerate();
  proxy.cut();
  proxy.resume();
  await expect(again.response).resolves.toMatchObject({ response: "Answer to: Uno?" });
  expect(await history(id)).toEqual(["Uno?"]);
});
