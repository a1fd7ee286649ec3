import { v7 } from "uuid";
import { expect, it } from "vitest";

import type { Subject } from "../contract.ts";
import { chat, outcomeOf } from "./chat.ts";

export function acceptingContract(subject: Subject): void {
  it("becomes a turn with all its fields", async () => {
    const talk = await chat(subject.store);
    const request = {
      query: "Why? \u0000 世界",
      context: { language: "en" },
      options: { engine: "simple" },
      preferences: { length: "short" },
      sampling: [{ model: "m", temperature: 0.5 }],
      engine: "simple",
    };
    const turn = { id: v7(), conversationId: talk.id, sessionId: talk.sessionId, userId: "user-a", clientId: "m1" };
    const accepted = await subject.store.turns.accept({ ...turn, request }, { maxAhead: 0, mayClaim: false });
    expect(accepted).toMatchObject({ type: "accepted", position: 0, turn: { ...turn, request } });
    expect(accepted).not.toHaveProperty("claim.epoch");
    const facts = { status: "queued", attempt: 0, crashes: 0, isSuperseded: false, wasSent: false };
    const stored = await talk.turn(turn.id);
    expect(stored).toMatchObject({ ...turn, ...facts, request });
    expect(accepted).toMatchObject({ turn: { ...facts, seq: stored.seq, acceptedAt: stored.acceptedAt } });
    expect(stored.outcome).toBeUndefined();
  });

  it("gets a higher seq than all earlier messages, across conversations", async () => {
    const [one, other] = [await chat(subject.store), await chat(subject.store)];
    const turns = [await one.accepted("1?"), await other.accepted("2?"), await one.accepted("3?")];
    const places = turns.map(({ seq }) => seq);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(new Set(places).size).toBe(3);
  });

  it("reports how many turns of its conversation are ahead of it", async () => {
    const talk = await chat(subject.store);
    await talk.ended("Before?");
    const positions: unknown[] = [];
    for (const query of ["1?", "2?", "3?"]) positions.push((await talk.ask(query, { mayClaim: true })) as object);
    expect(positions).toMatchObject([{ position: 0 }, { position: 1 }, { position: 2 }]);
  });

  it("is refused as busy if too many turns are ahead, and nothing is written", async () => {
    const talk = await chat(subject.store);
    const first = await talk.accepted("1?", { maxAhead: 0 });
    await expect(talk.ask("2?", { maxAhead: 0 })).resolves.toEqual({ type: "busy" });
    const second = await talk.accepted("2?", { maxAhead: 1 });
    await expect(talk.ask("3?", { maxAhead: 1 })).resolves.toEqual({ type: "busy" });
    await expect(talk.history()).resolves.toEqual([first.id, second.id]);
  });

  it("that is sent again with the same id is the same turn, and nothing is written", async () => {
    const talk = await chat(subject.store);
    const first = await talk.running("1?");
    const second = await talk.accepted("2?", { clientId: "m2" });
    const again = await talk.ask("Something else?", { clientId: "m2", maxAhead: 0, mayClaim: true });
    expect(again).toEqual({ type: "duplicate", turn: second, position: 1 });
    await subject.store.turns.finish(first, { outcome: outcomeOf("1."), isSent: false });
    await expect(talk.ask("2?", { clientId: "m2" })).resolves.toMatchObject({ type: "duplicate", position: 0 });
    await expect(talk.history()).resolves.toEqual([first.turn.id, second.id]);
  });

  it("is one turn if it is sent twice at the same time", async () => {
    const talk = await chat(subject.store);
    const both = await Promise.all([1, 2].map(() => talk.ask("Why?", { clientId: "m1", mayClaim: true })));
    expect(both.map(({ type }) => type).sort()).toEqual(["accepted", "duplicate"]);
    await expect(talk.history()).resolves.toHaveLength(1);
  });

  it("is the same turn if it is sent again in the next session, but not in another conversation", async () => {
    const [talk, other] = [await chat(subject.store), await chat(subject.store)];
    const { id } = await talk.ended("Why?", { clientId: "m1" });
    await talk.reset();
    await expect(talk.ask("Why?", { clientId: "m1" })).resolves.toMatchObject({ type: "duplicate", turn: { id } });
    await expect(other.ask("Why?", { clientId: "m1" })).resolves.toMatchObject({ type: "accepted" });
  });

  it("is not accepted for a session that has ended, and nothing is written", async () => {
    const talk = await chat(subject.store);
    const { sessionId } = talk;
    await talk.reset();
    await expect(talk.ask("Why?", { sessionId, mayClaim: true })).resolves.toEqual({ type: "session_ended" });
    await expect(talk.history()).resolves.toEqual([]);
    await expect(subject.store.turns.open(talk.id)).resolves.toEqual([]);
  });

  it("is claimed at once if that is allowed and no turn is ahead of it", async () => {
    const talk = await chat(subject.store);
    const first = await talk.ask("1?", { mayClaim: true });
    expect(first).toMatchObject({ claim: { turn: { status: "running", attempt: 1, crashes: 0 } } });
    const second = await talk.ask("2?", { mayClaim: true });
    expect(second).toMatchObject({ type: "accepted", claim: undefined, turn: { status: "queued", attempt: 0 } });
    const stored = await subject.store.turns.open(talk.id);
    expect(stored.map(({ status }) => status)).toEqual(["running", "queued"]);
  });

  it("that replaces a turn removes it and all later turns from the history", async () => {
    const talk = await chat(subject.store);
    const [kept, first, second] = [await talk.ended("1?"), await talk.ended("2?"), await talk.ended("3?")];
    const { turn } = await talk.running("2, otherwise?", { replaces: first.id });
    expect(turn).toMatchObject({ replaces: first.id, isSuperseded: false });
    await expect(talk.history()).resolves.toEqual([kept.id, turn.id]);
    for (const { id } of [first, second]) await expect(talk.turn(id)).resolves.toMatchObject({ isSuperseded: true });
    await expect(talk.turn(kept.id)).resolves.toMatchObject({ isSuperseded: false });
  });

  it("that replaces a turn advances the conversation's epoch once more than its claim does", async () => {
    const talk = await chat(subject.store);
    const before = await talk.running("1?");
    await subject.store.turns.finish(before, { outcome: outcomeOf("1."), isSent: false });
    const next = await talk.running("2?");
    expect(next.epoch).toBe(before.epoch + 1);
    await subject.store.turns.finish(next, { outcome: outcomeOf("2."), isSent: false });
    const replacing = await talk.running("2, otherwise?", { replaces: next.turn.id });
    expect(replacing.epoch).toBeGreaterThan(next.epoch + 1);
  });

  it("cannot replace a turn that has left the history, and nothing is written", async () => {
    const talk = await chat(subject.store);
    const first = await talk.ended("1?");
    const { id } = await talk.ended("1, otherwise?", { replaces: first.id });
    await expect(talk.ask("Late?", { replaces: first.id, mayClaim: true })).resolves.toEqual({ type: "gone" });
    await expect(talk.history()).resolves.toEqual([id]);
  });
}
