import { expect, it } from "vitest";

import { leaseMs } from "../../../src/store/turns.ts";
import type { Subject } from "../contract.ts";
import { chat, outcomeOf } from "./chat.ts";

export function claimsContract(subject: Subject): void {
  const ending = { outcome: outcomeOf("Because."), isSent: true };
  const allValid = { void: [], stopped: [] };

  it("is for the oldest unfinished turn", async () => {
    const talk = await chat(subject.store);
    await expect(subject.store.turns.claim(talk.id)).resolves.toBeUndefined();
    const [first, second] = [await talk.accepted("1?"), await talk.accepted("2?")];
    const { turn, epoch } = await talk.claim();
    expect(turn).toEqual({ ...first, status: "running", attempt: 1 });
    await subject.store.turns.finish({ turn, epoch }, ending);
    await expect(talk.claim()).resolves.toMatchObject({ turn: { id: second.id }, epoch: epoch + 1 });
  });

  it("prevents other claims while it is valid", async () => {
    const talk = await chat(subject.store);
    await talk.accepted("1?");
    await talk.accepted("2?");
    const both = await Promise.all([1, 2].map(() => subject.store.turns.claim(talk.id)));
    expect(both.filter((claim) => claim !== undefined)).toHaveLength(1);
    await subject.passTime(leaseMs - 500);
    await expect(subject.store.turns.claim(talk.id)).resolves.toBeUndefined();
  });

  it("that is not renewed expires: the turn is claimed again, and the attempt counts as a crash", async () => {
    const talk = await chat(subject.store);
    const first = await talk.running("Why?");
    await subject.passTime(leaseMs + 1);
    const second = await talk.claim();
    expect(second).toMatchObject({ turn: { id: first.turn.id, attempt: 2, crashes: 1 } });
    expect(second.epoch).toBeGreaterThan(first.epoch);
    await subject.passTime(leaseMs + 1);
    await expect(talk.claim()).resolves.toMatchObject({ turn: { attempt: 3, crashes: 2 } });
  });

  it("that has expired can still be renewed and finished if nobody else has claimed the turn", async () => {
    const talk = await chat(subject.store);
    const claim = await talk.running("Why?");
    await subject.passTime(leaseMs + 1);
    await expect(subject.store.turns.renew([claim])).resolves.toEqual(allValid);
    await expect(subject.store.turns.claim(talk.id)).resolves.toBeUndefined();
    await subject.passTime(leaseMs + 1);
    await expect(subject.store.turns.finish(claim, ending)).resolves.toBe(true);
  });

  it("that is renewed is valid for another lease", async () => {
    const [talk, other] = [await chat(subject.store), await chat(subject.store)];
    const claims = [await talk.running("Why?"), await other.running("Why?")];
    await subject.passTime(leaseMs - 500);
    await expect(subject.store.turns.renew(claims)).resolves.toEqual(allValid);
    await subject.passTime(leaseMs - 500);
    await expect(subject.store.turns.claim(talk.id)).resolves.toBeUndefined();
    await expect(subject.store.turns.claim(other.id)).resolves.toBeUndefined();
  });

  it("is void once another runner has claimed the turn, and writes nothing", async () => {
    const { turns } = subject.store;
    const [talk, other] = [await chat(subject.store), await chat(subject.store)];
    const [lost, held] = [await talk.running("Why?"), await other.running("Why?")];
    await subject.passTime(leaseMs + 1);
    const taken = await talk.claim();
    await expect(turns.renew([lost, held])).resolves.toEqual({ void: [lost], stopped: [] });
    await turns.keepStep(lost, "plan", "{}");
    await turns.release(lost);
    await expect(turns.finish(lost, ending)).resolves.toBe(false);
    await expect(turns.steps(taken.turn.id)).resolves.toEqual(new Map());
    await expect(turns.claim(talk.id)).resolves.toBeUndefined();
    await expect(talk.turn(taken.turn.id)).resolves.toEqual(taken.turn);
    await expect(turns.finish(taken, ending)).resolves.toBe(true);
  });

  it("is void once its turn has ended, and later writes with it do nothing", async () => {
    const { turns } = subject.store;
    const talk = await chat(subject.store);
    const claim = await talk.running("1?");
    const next = await talk.accepted("2?");
    await expect(turns.finish(claim, ending)).resolves.toBe(true);
    const answers = await Promise.all([
      turns.renew([claim]),
      turns.finish(claim, { outcome: outcomeOf("Otherwise."), isSent: true }),
      turns.keepStep(claim, "plan", "{}"),
      turns.release(claim),
    ]);
    expect(answers).toEqual([{ void: [claim], stopped: [] }, false, undefined, undefined]);
    await expect(talk.turn(claim.turn.id)).resolves.toMatchObject({ status: "completed", outcome: ending.outcome });
    await expect(turns.steps(claim.turn.id)).resolves.toEqual(new Map());
    await expect(talk.claim()).resolves.toMatchObject({ turn: { id: next.id } });
  });

  it("that is released does not count as a crash, and the turn is queued again", async () => {
    const { turns } = subject.store;
    const talk = await chat(subject.store);
    const claim = await talk.running("Why?");
    await turns.keepStep(claim, "plan", '{"steps":1}');
    await turns.release(claim);
    await expect(talk.turn(claim.turn.id)).resolves.toMatchObject({ status: "queued", attempt: 1, crashes: 0 });
    await expect(turns.renew([claim])).resolves.toEqual({ void: [claim], stopped: [] });
    await expect(talk.claim()).resolves.toMatchObject({ turn: { id: claim.turn.id, attempt: 2, crashes: 0 } });
    await expect(turns.steps(claim.turn.id)).resolves.toEqual(new Map([["plan", '{"steps":1}']]));
  });

  it("is told at its next renewal if its turn is to be stopped, and so is every later one", async () => {
    const { turns } = subject.store;
    const [talk, other] = [await chat(subject.store), await chat(subject.store)];
    const [claim, untouched] = [await talk.running("Why?"), await other.running("Why?")];
    await expect(turns.requestStop(claim.turn.id)).resolves.toBe(true);
    await expect(turns.renew([untouched, claim])).resolves.toEqual({ void: [], stopped: [claim] });
    await subject.passTime(leaseMs + 1);
    const later = await talk.claim();
    expect(later.turn).toMatchObject({ id: claim.turn.id, isStopRequested: true });
    await expect(turns.renew([claim, later])).resolves.toEqual({ void: [claim], stopped: [later] });
  });

  it("is not asked to stop a turn that does not run", async () => {
    const { turns } = subject.store;
    const talk = await chat(subject.store);
    const over = await talk.ended("1?");
    const queued = await talk.accepted("2?");
    for (const id of [over.id, queued.id, "unknown"]) await expect(turns.requestStop(id)).resolves.toBe(false);
    await expect(turns.renew([await talk.claim()])).resolves.toEqual(allValid);
  });

  it("counts crashes and releases separately", async () => {
    const talk = await chat(subject.store);
    await subject.store.turns.release(await talk.running("Why?"));
    await talk.claim();
    await subject.passTime(leaseMs + 1);
    await subject.store.turns.release(await talk.claim());
    await expect(talk.claim()).resolves.toMatchObject({ turn: { attempt: 4, crashes: 1 } });
  });
}
