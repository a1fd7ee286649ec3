import { v7 } from "uuid";
import { expect, it } from "vitest";

import type { Subject } from "../contract.ts";
import { chat, outcomeOf } from "./chat.ts";

export function conversationsContract(subject: Subject): void {
  it("are created on first open, and stay the same", async () => {
    const { conversations } = subject.store;
    const id = v7();
    await expect(conversations.conversation(id)).resolves.toBeUndefined();
    const opened = await conversations.open(id, "user-a");
    expect(opened).toEqual({ id, owner: "user-a", sessionId: expect.any(String), context: {} });
    await expect(conversations.open(id, "user-a")).resolves.toEqual(opened);
    await expect(conversations.conversation(id)).resolves.toEqual(opened);
  });

  it("belong to the first user only", async () => {
    const { conversations } = subject.store;
    const id = v7();
    await conversations.open(id, "user-a");
    await expect(conversations.open(id, "user-b")).resolves.toBeUndefined();
    await expect(conversations.conversation(id)).resolves.toMatchObject({ owner: "user-a" });
  });

  it("opened by two users at the same time belong to one of them, and have one session", async () => {
    const { conversations } = subject.store;
    const id = v7();
    const all = await Promise.all(["user-a", "user-b", "user-a"].map((user) => conversations.open(id, user)));
    const stored = await conversations.conversation(id);
    const opened = all.filter((one) => one !== undefined);
    expect(opened.length).toBe(stored?.owner === "user-a" ? 2 : 1);
    for (const one of opened) expect(one).toEqual(stored);
  });

  it("may have any id", async () => {
    const { conversations } = subject.store;
    const ids = ["'; DROP TABLE turns; --", "世界", "__proto__", "a".repeat(128)].map((end) => `${v7()}${end}`);
    for (const id of ids) await conversations.open(id, "user-a");
    for (const id of ids) await expect(conversations.conversation(id)).resolves.toMatchObject({ id });
  });

  it("store the changed context", async () => {
    const { id } = await chat(subject.store);
    const { conversations } = subject.store;
    const context = { language: "日本語", nested: { list: [1, null, "\u0000", "\u2028"] }, "": true };
    await expect(conversations.changeContext(id, () => context)).resolves.toEqual(context);
    const added = conversations.changeContext(id, (before) => ({ ...before, skill_level: "expert" }));
    await expect(added).resolves.toEqual({ ...context, skill_level: "expert" });
    await expect(conversations.conversation(id)).resolves.toMatchObject({
      context: { ...context, skill_level: "expert" },
    });
  });

  it("lose no context change if several are made at the same time", async () => {
    const { id } = await chat(subject.store);
    const { conversations } = subject.store;
    const names = ["a", "b", "c", "d"];
    await Promise.all(names.map((name) => conversations.changeContext(id, (before) => ({ ...before, [name]: 1 }))));
    expect((await conversations.conversation(id))?.context).toEqual({ a: 1, b: 1, c: 1, d: 1 });
  });

  it("keep their context if the change throws", async () => {
    const { id } = await chat(subject.store);
    const { conversations } = subject.store;
    await conversations.changeContext(id, () => ({ kept: true }));
    const failing = conversations.changeContext(id, () => {
      throw new Error("too large");
    });
    await expect(failing).rejects.toThrow("too large");
    expect((await conversations.conversation(id))?.context).toEqual({ kept: true });
  });

  it("start a new session with an empty context and history", async () => {
    const { store } = subject;
    const talk = await chat(store);
    await store.conversations.changeContext(talk.id, () => ({ language: "en" }));
    const { id: turnId } = await talk.ended("Why?");
    const { sessionId: before } = talk;
    const { sessionId, ended } = await talk.reset();
    expect(ended).toEqual([]);
    expect(sessionId).not.toBe(before);
    await expect(store.conversations.conversation(talk.id)).resolves.toMatchObject({ sessionId, context: {} });
    await expect(talk.history()).resolves.toEqual([]);
    await expect(store.history.last(talk.id)).resolves.toBeUndefined();
    await expect(store.deliveries.undelivered(talk.id)).resolves.toEqual([]);
    await expect(talk.turn(turnId)).resolves.toMatchObject({ sessionId: before, status: "completed" });
  });

  it("stop their unfinished turns at a reset, which returns their ids and voids the claim", async () => {
    const { store } = subject;
    const talk = await chat(store);
    const claim = await talk.running("Why?");
    await store.turns.keepStep(claim, "plan", "{}");
    const { id: waiting } = await talk.accepted("And then?");
    const { ended } = await talk.reset();
    expect(new Set(ended)).toEqual(new Set([claim.turn.id, waiting]));
    await expect(store.turns.open(talk.id)).resolves.toEqual([]);
    await expect(store.turns.claim(talk.id)).resolves.toBeUndefined();
    await expect(store.turns.renew([claim])).resolves.toEqual({ void: [claim], stopped: [] });
    await expect(store.turns.finish(claim, { outcome: outcomeOf("late"), isSent: true })).resolves.toBe(false);
    await expect(store.turns.endQueued(waiting, { outcome: outcomeOf(""), isSent: true }, () => 0)).resolves.toBe(
      false,
    );
    await expect(store.turns.steps(claim.turn.id)).resolves.toEqual(new Map());
    for (const turnId of [claim.turn.id, waiting]) {
      await expect(talk.turn(turnId)).resolves.toMatchObject({ status: "stopped", outcome: undefined });
    }
  });

  it("can claim a turn of the new session at once, even if the old session held a claim", async () => {
    const talk = await chat(subject.store);
    await talk.running("Why?");
    await talk.reset();
    await expect(talk.ask("Anew?", { mayClaim: true })).resolves.toMatchObject({ position: 0, claim: {} });
  });
}
