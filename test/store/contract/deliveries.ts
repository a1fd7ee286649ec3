import { expect, it } from "vitest";

import type { Subject } from "../contract.ts";
import { type Chat, chat, outcomeOf } from "./chat.ts";

export function deliveriesContract(subject: Subject): void {
  const after = (talk: Chat, turnId: string, offset?: number) =>
    subject.store.deliveries.endedAfter(talk.id, turnId, offset);
  const stop = (turnId: string, beside: number) =>
    subject.store.turns.endQueued(turnId, { outcome: outcomeOf("", "stopped"), isSent: false }, () => beside);
  const finish = (claim: Awaited<ReturnType<Chat["claim"]>>) =>
    subject.store.turns.finish(claim, { outcome: outcomeOf("Because."), isSent: false });

  it("after a cursor are those of the turns that ended later", async () => {
    const talk = await chat(subject.store);
    const [first, second, third] = [await talk.ended("1?"), await talk.ended("2?"), await talk.ended("3?")];
    await talk.running("4?");
    await expect(after(talk, first.id)).resolves.toEqual([second.id, third.id]);
    await expect(after(talk, third.id)).resolves.toEqual([]);
  });

  it("after a cursor come in the order in which the turns ended, which may differ from the order of acceptance", async () => {
    const talk = await chat(subject.store);
    const first = await talk.ended("1?");
    const claim = await talk.running("2?");
    const [third, fourth] = [await talk.accepted("3?"), await talk.accepted("4?")];
    await stop(fourth.id, 3);
    await finish(claim);
    await finish(await talk.claim());
    await expect(after(talk, first.id)).resolves.toEqual([fourth.id, claim.turn.id, third.id]);
    await expect(after(talk, fourth.id)).resolves.toEqual([claim.turn.id, third.id]);
    await expect(after(talk, claim.turn.id)).resolves.toEqual([third.id]);
  });

  it("after a cursor in the running turn are none", async () => {
    const talk = await chat(subject.store);
    await talk.ended("1?");
    const claim = await talk.running("2?");
    await expect(after(talk, claim.turn.id)).resolves.toEqual([]);
    await expect(after(talk, claim.turn.id, 3)).resolves.toEqual([]);
  });

  it("after a cursor in the middle of an ended turn include that turn", async () => {
    const talk = await chat(subject.store);
    await talk.ended("1?");
    const [second, third] = [await talk.ended("2?"), await talk.ended("3?")];
    await expect(after(talk, second.id, 3)).resolves.toEqual([second.id, third.id]);
    await expect(after(talk, second.id, 0)).resolves.toEqual([second.id, third.id]);
  });

  it("after a cursor in the middle of a turn include queued turns that were stopped later in its answer", async () => {
    const talk = await chat(subject.store);
    const claim = await talk.running("1?");
    const [early, late, rest] = [await talk.accepted("2?"), await talk.accepted("3?"), await talk.accepted("4?")];
    await stop(late.id, 10);
    await stop(early.id, 20);
    await expect(after(talk, claim.turn.id, 5)).resolves.toEqual([late.id, early.id]);
    await expect(after(talk, claim.turn.id, 10)).resolves.toEqual([late.id, early.id]);
    await expect(after(talk, claim.turn.id, 15)).resolves.toEqual([early.id]);
    await expect(after(talk, claim.turn.id, 25)).resolves.toEqual([]);
    await finish(claim);
    await finish(await talk.claim());
    await expect(after(talk, claim.turn.id, 15)).resolves.toEqual([early.id, claim.turn.id, rest.id]);
    await expect(after(talk, claim.turn.id)).resolves.toEqual([rest.id]);
  });

  it("after a cursor in the middle of a turn exclude queued turns that were stopped during the turn before it", async () => {
    const talk = await chat(subject.store);
    const first = await talk.running("1?");
    const [second, third] = [await talk.accepted("2?"), await talk.accepted("3?")];
    await stop(third.id, 50);
    await finish(first);
    await talk.claim();
    await expect(after(talk, second.id, 10)).resolves.toEqual([]);
  });

  it("after a cursor in an earlier session are all those of the current session", async () => {
    const talk = await chat(subject.store);
    const former = await talk.ended("1?");
    const broken = await talk.running("2?");
    await talk.reset();
    const { id } = await talk.ended("Anew?");
    await expect(after(talk, former.id)).resolves.toEqual([id]);
    await expect(after(talk, broken.turn.id)).resolves.toEqual([id]);
    await expect(after(talk, broken.turn.id, 3)).resolves.toEqual([id]);
  });

  it("after a cursor in another conversation, or in no turn, are undefined", async () => {
    const [talk, other] = [await chat(subject.store), await chat(subject.store)];
    const { id } = await other.ended("1?");
    await expect(after(talk, id)).resolves.toBeUndefined();
    await expect(after(talk, "unknown", 3)).resolves.toBeUndefined();
  });

  it("exclude turns that have left the history", async () => {
    const talk = await chat(subject.store);
    const [first, second] = [await talk.ended("1?"), await talk.ended("2?")];
    const third = await talk.ended("2, otherwise?", { replaces: second.id });
    await expect(after(talk, first.id)).resolves.toEqual([third.id]);
    await expect(after(talk, second.id)).resolves.toEqual([third.id]);
    await expect(after(talk, second.id, 3)).resolves.toEqual([third.id]);
    await expect(subject.store.deliveries.undelivered(talk.id)).resolves.toEqual([first.id, third.id]);
  });

  it("since a position are those of the turns that ended later, in the order in which they ended", async () => {
    const { lastEnd, endsSince } = subject.store.deliveries;
    const since = async (position: number) => (await endsSince(talk.id, position)).map(({ turnId }) => turnId);
    const talk = await chat(subject.store);
    await expect(lastEnd(talk.id)).resolves.toBe(0);
    const first = await talk.ended("1?");
    const start = await lastEnd(talk.id);
    const claim = await talk.running("2?");
    const third = await talk.accepted("3?");
    await expect(endsSince(talk.id, start)).resolves.toEqual([]);
    await stop(third.id, 3);
    const afterThird = await lastEnd(talk.id);
    await expect(endsSince(talk.id, start)).resolves.toEqual([{ turnId: third.id, position: afterThird }]);
    await finish(claim);
    await expect(since(start)).resolves.toEqual([third.id, claim.turn.id]);
    await expect(since(afterThird)).resolves.toEqual([claim.turn.id]);
    await talk.accepted("1, otherwise?", { replaces: first.id });
    await expect(since(0)).resolves.toEqual([first.id, third.id, claim.turn.id]);
    await subject.store.conversations.reset(talk.id);
    await expect(since(0)).resolves.toEqual([]);
  });

  it("are undelivered until acknowledged, in the order in which the turns ended", async () => {
    const { undelivered, mark } = subject.store.deliveries;
    const talk = await chat(subject.store);
    const claim = await talk.running("1?");
    const [second, third] = [await talk.accepted("2?"), await talk.accepted("3?")];
    await expect(undelivered(talk.id)).resolves.toEqual([]);
    await stop(third.id, 3);
    await finish(claim);
    await stop(second.id, 0);
    await expect(undelivered(talk.id)).resolves.toEqual([third.id, claim.turn.id, second.id]);
    await mark(
      new Map([
        [third.id, "sent"],
        [claim.turn.id, "acknowledged"],
      ] as const),
    );
    await expect(undelivered(talk.id)).resolves.toEqual([third.id, second.id]);
    await expect(talk.turn(third.id)).resolves.toMatchObject({ wasSent: true });
    await expect(talk.turn(second.id)).resolves.toMatchObject({ wasSent: false });
  });

  it("are never downgraded from acknowledged to sent", async () => {
    const { undelivered, mark } = subject.store.deliveries;
    const talk = await chat(subject.store);
    const { id } = await talk.ended("1?", { isSent: true });
    await mark(new Map([[id, "acknowledged"]] as const));
    await mark(new Map([[id, "sent"]] as const));
    await mark(new Map([["unknown", "sent"]] as const));
    await expect(undelivered(talk.id)).resolves.toEqual([]);
    await expect(talk.turn(id)).resolves.toMatchObject({ wasSent: true });
  });
}
