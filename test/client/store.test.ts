import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

import type { Conversation, ConversationState, TurnState } from "../../packages/client/conversation.ts";
import { faults, gate } from "../support/model-server.ts";
import { start, unlimited } from "../support/start.ts";
import { tcpProxy } from "../support/tcp-proxy.ts";
import { page } from "./support.ts";

const server = await start(unlimited);
afterAll(() => server.close());
beforeEach(() => server.model.reset());

const simple = { options: { engine: "simple" as const } };
const fresh = () => randomUUID();

const state = ({ store }: Conversation): ConversationState => store.getSnapshot();
const turns = (conversation: Conversation): readonly TurnState[] => state(conversation).turns;
const shown = (conversation: Conversation) =>
  turns(conversation).map(({ query, text, status }) => [query, status, text]);
const outline = ({ store }: Conversation) => store.outline.getSnapshot();
const loaded = (conversation: Conversation) => expect.poll(() => outline(conversation).isLoaded).toBe(true);

describe("a turn in the store", () => {
  it("has one key from the moment it is typed to its end", async () => {
    await using mine = page(server.url, fresh());
    const { store } = mine.conversation;
    const seen: (TurnState | undefined)[] = [];
    store.turn("m1").subscribe(() => seen.push(store.turn("m1").getSnapshot()));
    server.model.next({ chunks: ["one", " two"] });
    const { turn_id } = await mine.conversation.ask("Count!", { ...simple, id: "m1" }).response;
    expect(seen[0]).toMatchObject({ key: "m1", query: "Count!", status: "sending", parts: [] });
    expect(seen.map((turn) => turn?.status)).toContain("running");
    expect(seen.at(-1)).toMatchObject({
      key: "m1",
      turn_id,
      status: "completed",
      text: "one two",
      conversation_type: "simple",
      routed_to: "simple_conversation",
      parts: [{ type: "text", text: "one two" }],
      metadata: { model_used: "test-model" },
      isPast: false,
    });
    expect(outline(mine.conversation)).toMatchObject({ turnKeys: ["m1"], running_turn: undefined, unsent: [] });
  });

  it("has its reasoning, its steps and its text in the order in which they began", async () => {
    await using mine = page(server.url, fresh(), { preferences: { include_reasoning: true } });
    await loaded(mine.conversation);
    server.model.answer(({ structured }) =>
      structured ? undefined : { reasoning: ["Hm", "m"], chunks: ["An answer"] },
    );
    await mine.conversation.ask("Compare!", { options: { engine: "complex" } }).response;
    const [turn] = turns(mine.conversation);
    expect(turn?.parts).toEqual([
      ...["outline", "reason 1", "reason 2"].map((step) => ({
        type: "step",
        step,
        status: "finished",
        detail: expect.anything(),
      })),
      { type: "reasoning", text: "Hmm" },
      { type: "text", text: "An answer" },
    ]);
  });

  it("that failed says why and keeps its text; trying again takes its place", async () => {
    await using mine = page(server.url, fresh());
    await loaded(mine.conversation);
    server.model.next(faults.refusal);
    await mine.conversation.ask("Hello?", { ...simple, id: "m1" }).response.catch(() => {});
    expect(turns(mine.conversation)).toMatchObject([{ status: "failed", error: { code: "model_refused" } }]);
    const again = mine.conversation.store.retry("m1");
    await again?.response;
    expect(shown(mine.conversation)).toEqual([["Hello?", "completed", "Answer to: Hello?"]]);
    expect(turns(mine.conversation)[0]?.replaces).toBeDefined();
  });

  it("that was refused can be sent again, or taken away", async () => {
    await using mine = page(server.url, fresh());
    await loaded(mine.conversation);
    await mine.conversation.ask("x".repeat(5_000), { id: "m1" }).accepted.catch(() => {});
    expect(turns(mine.conversation)).toMatchObject([
      { key: "m1", status: "refused", error: { code: "content_too_long" } },
    ]);
    const again = mine.conversation.store.retry("m1");
    expect(turns(mine.conversation)).toMatchObject([{ key: "m1", status: "sending" }]);
    await expect(again?.accepted).rejects.toMatchObject({ code: "content_too_long" });
    mine.conversation.store.dismiss("m1");
    expect(turns(mine.conversation)).toEqual([]);
    expect(mine.conversation.store.retry("m1")).toBeUndefined();
  });

  it("that was stopped keeps what was written", async () => {
    await using mine = page(server.url, fresh());
    await loaded(mine.conversation);
    const tokens = gate();
    server.model.next({ chunks: ["one", " two"], gate: tokens });
    const turn = mine.conversation.ask("Count!", simple);
    tokens.release();
    await expect.poll(() => turns(mine.conversation)[0]?.text).toBe("one");
    await turn.stop();
    await turn.response;
    expect(shown(mine.conversation)).toEqual([["Count!", "stopped", "one"]]);
  });

  it("waits behind the running one, after a turn of another device too", async () => {
    const id = fresh();
    await using mine = page(server.url, id);
    await using other = page(server.url, id);
    await Promise.all([loaded(mine.conversation), loaded(other.conversation)]);
    const tokens = gate();
    server.model.next({ text: "one", gate: tokens });
    await other.conversation.ask("First?", simple).accepted;
    const second = mine.conversation.ask("Second?", { ...simple, id: "m2" });
    await second.accepted;
    const queued = [
      ["First?", "running", ""],
      ["Second?", "queued", ""],
    ];
    await expect.poll(() => shown(mine.conversation)).toEqual(queued);
    await expect.poll(() => shown(other.conversation)).toEqual(queued);
    expect(outline(mine.conversation).running_turn).toBe(turns(mine.conversation)[0]?.turn_id);
    tokens.open();
    await second.response;
    await expect.poll(() => shown(other.conversation)).toEqual(shown(mine.conversation));
  });
});

describe("turns that are replaced", () => {
  it("are hidden as soon as the message is edited, and come back if the edit is refused", async () => {
    await using mine = page(server.url, fresh());
    await loaded(mine.conversation);
    const first = await mine.conversation.ask("One?", simple).response;
    await mine.conversation.ask("Two?", simple).response;
    const refused = mine.conversation.edit(first.turn_id, "x".repeat(5_000), { id: "e1" });
    expect(turns(mine.conversation)).toMatchObject([{ key: "e1", status: "sending" }]);
    await refused.accepted.catch(() => {});
    expect(turns(mine.conversation).map(({ status }) => status)).toEqual(["completed", "completed", "refused"]);
    mine.conversation.store.dismiss("e1");
    const edited = mine.conversation.edit(first.turn_id, "Uno?", simple);
    expect(shown(mine.conversation)).toEqual([["Uno?", "sending", ""]]);
    await edited.response;
    expect(shown(mine.conversation)).toEqual([["Uno?", "completed", "Answer to: Uno?"]]);
  });

  it("leave on other devices when the new turn begins", async () => {
    const id = fresh();
    await using mine = page(server.url, id);
    await using other = page(server.url, id);
    await Promise.all([loaded(mine.conversation), loaded(other.conversation)]);
    await mine.conversation.ask("One?", simple).response;
    await mine.conversation.ask("Two?", simple).response;
    const tokens = gate();
    server.model.next({ text: "late", gate: tokens });
    const again = mine.conversation.regenerate();
    await again.accepted;
    const expected = [
      ["One?", "completed", "Answer to: One?"],
      ["Two?", "running", ""],
    ];
    await expect.poll(() => shown(other.conversation)).toEqual(expected);
    tokens.open();
    await again.response;
    await expect.poll(() => shown(other.conversation)).toEqual(shown(mine.conversation));
  });

  it("while the connection was lost are gone after the next join", async () => {
    const id = fresh();
    await using proxy = await tcpProxy(server.http);
    await using away = page(`${proxy.url.replace("http", "ws")}socket`, id);
    await using mine = page(server.url, id);
    const first = await mine.conversation.ask("One?", simple).response;
    await mine.conversation.ask("Two?", simple).response;
    await expect.poll(() => shown(away.conversation).length).toBe(2);
    proxy.stall();
    proxy.cut();
    const edited = await mine.conversation.edit(first.turn_id, "Uno?", simple).response;
    await mine.conversation.regenerate({ turn_id: edited.turn_id }).response;
    proxy.resume();
    await expect.poll(() => shown(away.conversation)).toEqual([["Uno?", "completed", "Answer to: Uno?"]]);
  });
});

describe("the store's history", () => {
  it("is loaded by itself, page by page, and has the running turn's text so far", async () => {
    const id = fresh();
    await using mine = page(server.url, id);
    for (let n = 0; n < 55; n += 1) await mine.conversation.ask(`${n}?`, simple).response;
    const tokens = gate();
    server.model.next({ chunks: ["one", " two"], gate: tokens });
    const running = mine.conversation.ask("Running?", simple);
    tokens.release();
    await expect.poll(() => mine.named("text").at(-1)?.text).toBe("one");

    await using other = page(server.url, id);
    await loaded(other.conversation);
    await loaded(mine.conversation);
    for (const { conversation } of [mine, other]) {
      expect(outline(conversation)).toMatchObject({ hasEarlier: true });
      expect(turns(conversation)).toHaveLength(50);
      expect(turns(conversation).at(-1)).toMatchObject({ query: "Running?", text: "one", status: "running" });
      expect(turns(conversation)[0]).toMatchObject({ query: "6?", isPast: true });
      await conversation.store.loadEarlier();
      expect(shown(conversation).map(([query]) => query)).toEqual([
        ...Array.from({ length: 55 }, (_, n) => `${n}?`),
        "Running?",
      ]);
      expect(outline(conversation)).toMatchObject({ hasEarlier: false });
    }
    tokens.open();
    await running.response;
    await expect.poll(() => turns(other.conversation).at(-1)?.status).toBe("completed");
  });

  it("is empty after a reset, on every device", async () => {
    const id = fresh();
    await using mine = page(server.url, id);
    await using other = page(server.url, id);
    await mine.conversation.ask("One?", simple).response;
    await mine.conversation.push("set_context", { context: { language: "Elixir" } });
    await expect.poll(() => outline(other.conversation).context).toEqual({ language: "Elixir" });
    const { session_id } = await mine.conversation.push("new_conversation", {});
    for (const { conversation } of [mine, other]) {
      await expect
        .poll(() => state(conversation))
        .toMatchObject({ turns: [], context: {}, session_id, hasEarlier: false });
    }
  });
});

describe("who is here", () => {
  it("and who is typing is in the store, also if it is read late", async () => {
    const id = fresh();
    await using mine = page(server.url, id);
    await using other = page(server.url, id);
    await other.conversation.joined;
    await expect.poll(() => outline(mine.conversation).presence).toEqual([{ user_id: "user-a", devices: 2 }]);
    await other.conversation.push("typing", { typing: true });
    await expect.poll(() => outline(mine.conversation).typing).toEqual(["user-a"]);
    await other.conversation.push("typing", { typing: false });
    await expect.poll(() => outline(mine.conversation).typing).toEqual([]);
    await other.conversation.push("typing", { typing: true });
    await expect.poll(() => outline(mine.conversation).typing).toEqual(["user-a"]);
    const connections: string[] = [];
    mine.conversation.on("connection", ({ state }) => connections.push(state));
    mine.drop();
    await expect.poll(() => connections).toEqual(["open", "reconnecting", "open"]);
    expect(outline(mine.conversation).typing).toEqual([]);
    other.conversation.leave();
    await expect.poll(() => outline(mine.conversation).presence).toEqual([{ user_id: "user-a", devices: 1 }]);
  });
});

describe("a token", () => {
  it("changes its own turn alone, and tells only that turn's readers", async () => {
    await using mine = page(server.url, fresh());
    await loaded(mine.conversation);
    await mine.conversation.ask("One?", { ...simple, id: "m1" }).response;
    const tokens = gate();
    server.model.next({ chunks: ["one", " two", " three"], gate: tokens });
    const turn = mine.conversation.ask("Count!", { ...simple, id: "m2" });
    tokens.release();
    const { store } = mine.conversation;
    await expect.poll(() => store.turn("m2").getSnapshot()?.text).toBe("one");
    const told: string[] = [];
    for (const key of ["m1", "m2"]) store.turn(key).subscribe(() => told.push(key));
    store.outline.subscribe(() => told.push("outline"));
    const before = store.getSnapshot();
    const outlineBefore = store.outline.getSnapshot();
    tokens.release();
    await expect.poll(() => store.turn("m2").getSnapshot()?.text).toBe("one two");
    const after = store.getSnapshot();
    expect(told).toEqual(["m2"]);
    expect(after.turns[0]).toBe(before.turns[0]);
    expect(after.turns[1]).not.toBe(before.turns[1]);
    expect(store.outline.getSnapshot()).toBe(outlineBefore);
    expect(store.getSnapshot()).toBe(after);
    tokens.open();
    await turn.response;
  });
});
