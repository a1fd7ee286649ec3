import { expect, it } from "vitest";

import type { Subject } from "../contract.ts";
import { chat, idsOf, outcomeOf } from "./chat.ts";

export function endingsContract(subject: Subject): void {
  const stopped = { outcome: outcomeOf("", "stopped"), isSent: false };

  it.each(["completed", "stopped", "failed"] as const)(
    "ends as %s with its outcome, and is no longer open",
    async (status) => {
      const talk = await chat(subject.store);
      const claim = await talk.running("Why?");
      const outcome = { ...outcomeOf("Be\u0000cause 世界", status), conversationType: null, routedTo: null };
      await expect(subject.store.turns.finish(claim, { outcome, isSent: false })).resolves.toBe(true);
      await expect(talk.turn(claim.turn.id)).resolves.toMatchObject({ status, outcome, attempt: 1 });
      await expect(subject.store.turns.open(talk.id)).resolves.toEqual([]);
    },
  );

  it.each([true, false])("records whether its terminal event was sent (%s)", async (isSent) => {
    const talk = await chat(subject.store);
    await expect(talk.ended("Why?", { isSent })).resolves.toMatchObject({ wasSent: isSent });
  });

  it("keeps its reasoning, if there is any and its claim is valid", async () => {
    const { history, records, turns } = subject.store;
    const talk = await chat(subject.store);
    const reasoning = "Let me \u0000 think. 世界 👩‍🚀";
    const [thought, plain] = [await talk.ended("1?", { reasoning }), await talk.ended("2?", { reasoning: "" })];
    const claim = await talk.running("3?");
    await turns.release(claim);
    await expect(turns.finish(claim, { outcome: outcomeOf("3."), reasoning, isSent: false })).resolves.toBe(false);
    for (const port of [history, records]) {
      await expect(port.reasoning(thought.id)).resolves.toBe(reasoning);
      for (const { id } of [plain, claim.turn, { id: "unknown" }])
        await expect(port.reasoning(id)).resolves.toBeUndefined();
    }
    await expect(talk.turn(thought.id)).resolves.toEqual(thought);
  });

  it("no longer blocks its conversation once it has ended", async () => {
    const talk = await chat(subject.store);
    await talk.ended("1?");
    await expect(talk.ask("2?", { mayClaim: true })).resolves.toMatchObject({ position: 0, claim: {} });
  });

  it("can be ended by endQueued only while it is queued", async () => {
    const { turns } = subject.store;
    const talk = await chat(subject.store);
    const claim = await talk.running("1?");
    const waiting = await talk.accepted("2?");
    await expect(turns.endQueued(claim.turn.id, stopped, () => 5)).resolves.toBe(false);
    await expect(turns.endQueued("unknown", stopped, () => 5)).resolves.toBe(false);
    await expect(turns.endQueued(waiting.id, { ...stopped, isSent: true }, () => 5)).resolves.toBe(true);
    await expect(turns.endQueued(waiting.id, stopped, () => 5)).resolves.toBe(false);
    const outcome = { status: "stopped", outcome: stopped.outcome, wasSent: true, attempt: 0 };
    await expect(talk.turn(waiting.id)).resolves.toMatchObject(outcome);
    expect(idsOf(await turns.open(talk.id))).toEqual([claim.turn.id]);
    await expect(turns.renew([claim])).resolves.toEqual({ void: [], stopped: [] });
  });

  it("can be ended by endQueued after its claim was released", async () => {
    const { turns } = subject.store;
    const talk = await chat(subject.store);
    const claim = await talk.running("1?");
    await turns.release(claim);
    await expect(turns.endQueued(claim.turn.id, stopped, () => 0)).resolves.toBe(true);
    await expect(turns.claim(talk.id)).resolves.toBeUndefined();
  });

  it("is either ended by endQueued or claimed, never both", async () => {
    const { turns } = subject.store;
    const talk = await chat(subject.store);
    for (const isEndedFirst of [true, false]) {
      const { id } = await talk.accepted("1?");
      const end = () => turns.endQueued(id, stopped, () => 0);
      const claim = () => turns.claim(talk.id);
      const [one, other] = await Promise.all(isEndedFirst ? [end(), claim()] : [claim(), end()]);
      const [isEnded, claimed] = isEndedFirst ? [one, other] : [other, one];
      expect(isEnded).toBe(claimed === undefined);
      expect((await talk.turn(id)).status).toBe(isEnded ? "stopped" : "running");
      if (typeof claimed === "object") await turns.finish(claimed, { outcome: outcomeOf("1."), isSent: false });
    }
  });

  it("keeps the results of its steps through all its attempts", async () => {
    const { turns } = subject.store;
    const talk = await chat(subject.store);
    const claim = await talk.running("Why?");
    await expect(turns.steps(claim.turn.id)).resolves.toEqual(new Map());
    const odd = '{ "b": 1.0, "a": "\\ud800\\u0000" }';
    await turns.keepStep(claim, "plan", odd);
    await turns.keepStep(claim, "route", "1");
    await turns.keepStep(claim, "route", "2");
    const kept = new Map([
      ["plan", odd],
      ["route", "2"],
    ]);
    await expect(turns.steps(claim.turn.id)).resolves.toEqual(kept);
    await turns.release(claim);
    const again = await talk.claim();
    await turns.keepStep(again, "answer", "{}");
    await expect(turns.steps(claim.turn.id)).resolves.toEqual(new Map([...kept, ["answer", "{}"]]));
  });

  it("is listed as open until it ends, in the order accepted", async () => {
    const { turns } = subject.store;
    const [talk, other] = [await chat(subject.store), await chat(subject.store)];
    await talk.ended("0?");
    const first = await talk.running("1?");
    await other.accepted("Elsewhere?");
    const [second, third] = [await talk.accepted("2?"), await talk.accepted("3?")];
    await expect(turns.open(talk.id)).resolves.toEqual([first.turn, second, third]);
    await turns.endQueued(second.id, stopped, () => 0);
    expect(idsOf(await turns.open(talk.id))).toEqual([first.turn.id, third.id]);
  });
}
