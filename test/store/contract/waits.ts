import { v7 } from "uuid";
import { expect, it } from "vitest";

import { leaseMs } from "../../../src/store/turns.ts";
import type { Wait } from "../../../src/store/waits.ts";
import type { Subject } from "../contract.ts";
import { chat, outcomeOf } from "./chat.ts";

/** What a turn leaves that asks these questions. */
export function waitOf(attempt: number, ...interruptIds: string[]): Wait {
  return {
    questions: interruptIds.map((interruptId) => ({ interruptId, graphId: `graph ${interruptId}`, value: { a: 1 } })),
    count: 1,
    answer: { text: "Well", restarts: 0 },
    attempt,
    stage: { stage: "answering" },
    account: { ms: 12 },
    prompts: { simple: "hash" },
  };
}

export function waitsContract(subject: Subject): void {
  const ending = { outcome: outcomeOf("Well", "stopped"), isSent: true };
  const waits = () => subject.store.waits;

  it("keeps what it needs to go on, also when the store is opened again", async () => {
    const talk = await chat(subject.store);
    const claim = await talk.running("Why?");
    const wait = waitOf(1, "a", "b");
    await expect(waits().begin(claim, wait)).resolves.toBe(true);
    await subject.reopen();
    await expect(waits().of(claim.turn.id)).resolves.toEqual(wait);
    const found = await waits().waiting(talk.id);
    expect(found).toMatchObject({ turn: { id: claim.turn.id, status: "waiting", attempt: 1, crashes: 0 }, wait });
  });

  it("holds no claim, and nothing behind it is claimed", async () => {
    const talk = await chat(subject.store);
    const claim = await talk.running("1?");
    const behind = await talk.accepted("2?");
    await waits().begin(claim, waitOf(1, "a"));
    await expect(subject.store.turns.renew([claim])).resolves.toEqual({ void: [claim], stopped: [] });
    await subject.passTime(leaseMs + 1);
    await expect(subject.store.turns.claim(talk.id)).resolves.toBeUndefined();
    await expect(talk.ask("3?", { mayClaim: true })).resolves.toMatchObject({ position: 2, claim: undefined });
    const unfinished = await subject.store.turns.unclaimed(10_000);
    expect(unfinished.map(({ conversationId }) => conversationId)).not.toContain(talk.id);
    await expect(talk.turn(behind.id)).resolves.toMatchObject({ status: "queued" });
  });

  it("is marked in the list of conversations until it has its answers", async () => {
    const owner = v7();
    const talk = await chat(subject.store, owner);
    const claim = await talk.running("Why?");
    const shown = async () => (await subject.store.records.conversations(owner, 10))[0];
    await waits().begin(claim, waitOf(1, "a"));
    await expect(shown()).resolves.toMatchObject({ isRunning: true, isWaiting: true });
    await waits().answer(talk.id, claim.turn.id, new Map([["a", 1]]));
    await expect(shown()).resolves.toMatchObject({ isRunning: true, isWaiting: false });
  });

  it("does not begin with a claim that is void", async () => {
    const talk = await chat(subject.store);
    const lost = await talk.running("Why?");
    await subject.passTime(leaseMs + 1);
    await talk.claim();
    await expect(waits().begin(lost, waitOf(1, "a"))).resolves.toBe(false);
    await expect(waits().of(lost.turn.id)).resolves.toBeUndefined();
  });

  it("takes the first answer to each question, and is queued again with the last", async () => {
    const talk = await chat(subject.store);
    const claim = await talk.running("Why?");
    const { turn } = claim;
    const before = await waits().count();
    const began = Date.now();
    await waits().begin(claim, waitOf(1, "a", "b"));
    await expect(waits().count()).resolves.toBe(before + 1);
    expect(await waits().askedAt(turn.id)).toBeGreaterThanOrEqual(began);
    const answer = (...given: [string, unknown][]) => waits().answer(talk.id, turn.id, new Map(given));
    await expect(answer(["a", 1], ["c", 2])).resolves.toBe("unknown");
    await expect(answer(["a", 1])).resolves.toBe("partly");
    await expect(answer(["a", 2])).resolves.toBe("unknown");
    await expect(answer(["a", 2], ["b", 2])).resolves.toBe("unknown");
    await expect(waits().answer("another", turn.id, new Map([["b", 2]]))).resolves.toBe("unknown");
    await expect(answer(["b", null])).resolves.toBe("complete");
    await expect(answer(["b", 3])).resolves.toBe("unknown");
    await expect(waits().count()).resolves.toBe(before);
    const { questions } = (await waits().of(turn.id)) ?? { questions: [] };
    expect(questions.map(({ answer }) => answer)).toEqual([{ value: 1 }, { value: null }]);
    await expect(waits().waiting(talk.id)).resolves.toMatchObject({ turn: { status: "queued" } });
    await expect(talk.claim()).resolves.toMatchObject({ turn: { id: turn.id, attempt: 2, crashes: 0 } });
    await expect(waits().waiting(talk.id)).resolves.toBeUndefined();
  });

  it("is ended whether it has its answers or not, and only once", async () => {
    const talk = await chat(subject.store);
    for (const isAnswered of [false, true]) {
      const claim = await talk.running("Why?");
      await waits().begin(claim, waitOf(1, "a"));
      if (isAnswered) await waits().answer(talk.id, claim.turn.id, new Map([["a", 1]]));
      await expect(waits().end(claim.turn.id, { ...ending, reasoning: "Hm." })).resolves.toBe(true);
      await expect(waits().end(claim.turn.id, ending)).resolves.toBe(false);
      await expect(talk.turn(claim.turn.id)).resolves.toMatchObject({ status: "stopped", wasSent: true });
      await expect(waits().of(claim.turn.id)).resolves.toBeUndefined();
      await expect(subject.store.history.reasoning(claim.turn.id)).resolves.toBe("Hm.");
    }
  });

  it("is not ended while it runs again, or if it never waited", async () => {
    const talk = await chat(subject.store);
    const claim = await talk.running("Why?");
    const behind = await talk.accepted("2?");
    await expect(waits().end(behind.id, ending)).resolves.toBe(false);
    await waits().begin(claim, waitOf(1, "a"));
    await waits().answer(talk.id, claim.turn.id, new Map([["a", 1]]));
    await talk.claim();
    await expect(waits().end(claim.turn.id, ending)).resolves.toBe(false);
  });

  it("ends with its session, and leaves nothing", async () => {
    const talk = await chat(subject.store);
    const claim = await talk.running("Why?");
    await waits().begin(claim, waitOf(1, "a"));
    await expect(talk.reset()).resolves.toMatchObject({ ended: [claim.turn.id] });
    await expect(waits().of(claim.turn.id)).resolves.toBeUndefined();
    await expect(waits().answer(talk.id, claim.turn.id, new Map([["a", 1]]))).resolves.toBe("unknown");
    await expect(waits().end(claim.turn.id, ending)).resolves.toBe(false);
  });
}
