import { expect, it } from "vitest";

import { leaseMs, type Unfinished } from "../../../src/store/turns.ts";
import type { Subject } from "../contract.ts";
import { type Chat, chat, outcomeOf } from "./chat.ts";
import { waitOf } from "./waits.ts";

/** Those of these conversations that somebody has to run. */
export async function unclaimed({ store }: Subject, ...talks: Chat[]): Promise<Unfinished[]> {
  const all = await store.turns.unclaimed(100_000);
  return all.filter(({ conversationId }) => talks.some(({ id }) => id === conversationId));
}

export function unclaimedContract(subject: Subject): void {
  const turns = () => subject.store.turns;
  const ending = { outcome: outcomeOf("Because."), isSent: true };

  it("is left to whoever accepted it until it is older than a lease", async () => {
    const talk = await chat(subject.store, "user-b");
    const { seq } = await talk.accepted("1?");
    await talk.accepted("2?");
    await expect(unclaimed(subject, talk)).resolves.toEqual([]);
    await subject.passTime(leaseMs + 1);
    await expect(unclaimed(subject, talk)).resolves.toEqual([{ conversationId: talk.id, userId: "user-b", seq }]);
  });

  it("is found once its claim has expired, was released, or another turn's claim is over", async () => {
    const talk = await chat(subject.store);
    const claim = await talk.running("1?");
    const behind = await talk.accepted("2?");
    const found = async () => (await unclaimed(subject, talk)).map(({ seq }) => seq);
    await expect(found()).resolves.toEqual([]);
    await turns().release(claim);
    await expect(found()).resolves.toEqual([claim.turn.seq]);
    await talk.claim();
    await expect(found()).resolves.toEqual([]);
    await subject.passTime(leaseMs + 1);
    await expect(found()).resolves.toEqual([claim.turn.seq]);
    const again = await talk.claim();
    await expect(found()).resolves.toEqual([]);
    await turns().finish(again, ending);
    await expect(found()).resolves.toEqual([behind.seq]);
  });

  it("that waits for a person is found once it has its answers", async () => {
    const talk = await chat(subject.store);
    const claim = await talk.running("1?");
    await talk.accepted("2?");
    await subject.store.waits.begin(claim, waitOf(1, "a"));
    await subject.passTime(leaseMs + 1);
    await expect(unclaimed(subject, talk)).resolves.toEqual([]);
    await subject.store.waits.answer(talk.id, claim.turn.id, new Map([["a", 1]]));
    await expect(unclaimed(subject, talk)).resolves.toMatchObject([{ seq: claim.turn.seq }]);
  });

  it("is found in the order accepted, up to a limit", async () => {
    const [first, second] = [await chat(subject.store), await chat(subject.store)];
    await second.ended("0?");
    await second.accepted("1?");
    await first.accepted("2?");
    await second.accepted("3?");
    await subject.passTime(leaseMs + 1);
    const found = await unclaimed(subject, first, second);
    expect(found.map(({ conversationId }) => conversationId)).toEqual([second.id, first.id]);
    const all = await turns().unclaimed(100_000);
    expect(all.map(({ seq }) => seq)).toEqual(all.map(({ seq }) => seq).toSorted((one, other) => one - other));
    await expect(turns().unclaimed(1)).resolves.toEqual(all.slice(0, 1));
  });

  it("is no longer found once it has ended", async () => {
    const talk = await chat(subject.store);
    const { id } = await talk.accepted("1?");
    await subject.passTime(leaseMs + 1);
    await turns().endQueued(id, ending, () => 0);
    await expect(unclaimed(subject, talk)).resolves.toEqual([]);
  });
}
