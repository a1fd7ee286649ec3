import { expect, it } from "vitest";

import { leaseMs } from "../../../src/store/turns.ts";
import type { Subject } from "../contract.ts";
import { chat, outcomeOf } from "./chat.ts";
import { unclaimed } from "./unclaimed.ts";

/** Has to run last, because it closes the store that all tests share. */
export function lastingContract(subject: Subject): void {
  it("is ready while it is open, and refuses writes once it is closed", async () => {
    await expect(subject.store.ready()).resolves.toBeUndefined();
    const talk = await chat(subject.store);
    await subject.reopen();
    await expect(talk.ask("Late?")).rejects.toThrow();
    await expect(subject.store.turns.open(talk.id)).resolves.toEqual([]);
  });

  it("still has everything, including the last write before it was closed", async () => {
    const talk = await chat(subject.store);
    await subject.store.conversations.changeContext(talk.id, () => ({ language: "en" }));
    const ended = await talk.ended("1?", {
      clientId: "m1",
      memory: { turns: [], summary: "Before." },
      reasoning: "Hm.",
    });
    const from = { upTo: 0, turnIds: [ended.id] };
    const { sessionId } = talk;
    await subject.store.conversations.keepSummary({ sessionId, text: "One.", upTo: ended.seq, from });
    const claim = await talk.running("2?");
    await subject.store.turns.keepStep(claim, "plan", "{}");
    const waiting = await talk.accepted("3?");
    void subject.store.history.rate(ended.id, { score: 1 });
    await subject.reopen();

    const { conversations, history, records, turns, deliveries } = subject.store;
    const opened = await conversations.open(talk.id, talk.owner);
    expect(opened).toEqual({ id: talk.id, owner: talk.owner, sessionId, context: { language: "en" } });
    const page = await history.page(talk.id, 10);
    expect(page?.turns).toMatchObject([ended, { id: claim.turn.id, attempt: 1 }, waiting]);
    await expect(history.byClientId(talk.id, "m1")).resolves.toEqual({ turn: ended, position: 0 });
    await expect(deliveries.undelivered(talk.id)).resolves.toEqual([ended.id]);
    await expect(records.rating(ended.id)).resolves.toEqual({ score: 1 });
    await expect(history.reasoning(ended.id)).resolves.toBe("Hm.");
    await expect(records.memory(ended.id)).resolves.toEqual({ messages: [], summary: "Before." });
    await expect(turns.steps(claim.turn.id)).resolves.toEqual(new Map([["plan", "{}"]]));
    const bounds = { turns: 10, units: 1_000, answerUnits: 100 };
    const memory = await history.memory(sessionId, Number.MAX_SAFE_INTEGER, bounds);
    expect(memory).toEqual({ summary: "One.", upTo: ended.seq, turns: [] });
  });

  it("has its unfinished turns again, and counts a crash for the claimed one", async () => {
    const talk = await chat(subject.store);
    await talk.ended("1?");
    const claim = await talk.running("2?");
    const waiting = await talk.accepted("3?");
    await subject.reopen();

    const { turns } = subject.store;
    await subject.passTime(leaseMs + 1);
    const unfinished = { conversationId: talk.id, userId: talk.owner, seq: claim.turn.seq };
    const found = () => unclaimed(subject, talk);
    await expect(found()).resolves.toEqual([unfinished]);
    const again = await turns.claim(talk.id);
    expect(again).toMatchObject({ turn: { id: claim.turn.id, attempt: 2, crashes: 1 } });
    await expect(turns.finish(claim, { outcome: outcomeOf("Late."), isSent: true })).resolves.toBe(false);
    if (again) await turns.finish(again, { outcome: outcomeOf("Because."), isSent: true });
    await expect(turns.claim(talk.id)).resolves.toMatchObject({ turn: { id: waiting.id, attempt: 1, crashes: 0 } });
    await expect(found()).resolves.toEqual([]);
    await subject.passTime(leaseMs + 1);
    await expect(found()).resolves.toEqual([{ ...unfinished, seq: waiting.seq }]);
  });
}
