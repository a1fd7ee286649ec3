import { expect, it } from "vitest";

import type { Subject } from "../contract.ts";
import { type Chat, chat, idsOf, outcomeOf } from "./chat.ts";

const wide = { turns: 100, units: 100_000, answerUnits: 1_000 };
const newest = Number.MAX_SAFE_INTEGER;

export function memoryContract(subject: Subject): void {
  const memory = (talk: Chat, seq = newest, bounds: Partial<typeof wide> = {}) =>
    subject.store.history.memory(talk.sessionId, seq, { ...wide, ...bounds });

  /** Adds turns of this length each, question and answer together, in UTF-16 units. */
  async function turnsOf(...units: number[]) {
    const talk = await chat(subject.store);
    const ids: string[] = [];
    for (const size of units) {
      const { id } = await talk.ended("12345", { outcome: outcomeOf("a".repeat(size - 5)) });
      ids.push(id);
    }
    return { talk, ids };
  }

  it("is empty at first", async () => {
    const talk = await chat(subject.store);
    await expect(memory(talk)).resolves.toEqual({ summary: "", upTo: 0, turns: [] });
    await expect(subject.store.history.memory("unknown", newest, wide)).resolves.toEqual({
      summary: "",
      upTo: 0,
      turns: [],
    });
  });

  it("contains the answered turns before this one, oldest first", async () => {
    const talk = await chat(subject.store);
    const [first, second] = [await talk.ended("1?"), await talk.ended("2?")];
    const now = await talk.running("3?");
    const { turns } = await memory(talk, now.turn.seq);
    expect(turns).toEqual([
      { id: first.id, seq: first.seq, query: "1?", response: "1? Because." },
      { id: second.id, seq: second.seq, query: "2?", response: "2? Because." },
    ]);
    expect(idsOf((await memory(talk, second.seq)).turns)).toEqual([first.id]);
    expect(idsOf((await memory(talk)).turns)).toEqual([first.id, second.id]);
  });

  it("contains stopped and failed turns with the text that was shown, but not those without text", async () => {
    const talk = await chat(subject.store);
    const stopped = await talk.ended("Stopped?", { outcome: outcomeOf("Half an", "stopped") });
    const failed = await talk.ended("Failed?", { outcome: outcomeOf("Half a", "failed") });
    await talk.ended("Failed at once?", { outcome: outcomeOf("", "failed") });
    await talk.ended("Blank?", { outcome: outcomeOf(" \n\u00a0", "stopped") });
    const claim = await talk.running("Running?");
    const waiting = await talk.accepted("Waiting?");
    await subject.store.turns.endQueued(waiting.id, { outcome: outcomeOf("", "stopped"), isSent: false }, () => 0);
    await subject.store.turns.keepStep(claim, "plan", "{}");
    const { turns } = await memory(talk);
    expect(turns.map(({ response }) => response)).toEqual(["Half an", "Half a"]);
    expect(idsOf(turns)).toEqual([stopped.id, failed.id]);
  });

  it("contains no replaced turns, and none of another session", async () => {
    const talk = await chat(subject.store);
    const [first, second] = [await talk.ended("1?"), await talk.ended("2?")];
    const replacing = await talk.ended("2, otherwise?", { replaces: second.id });
    expect(idsOf((await memory(talk)).turns)).toEqual([first.id, replacing.id]);
    await talk.reset();
    const { id } = await talk.ended("Anew?");
    expect(idsOf((await memory(talk)).turns)).toEqual([id]);
  });

  it("is limited to a number of turns, not counting those without text", async () => {
    const { talk, ids } = await turnsOf(10, 10, 10);
    await talk.ended("Blank?", { outcome: outcomeOf("", "failed") });
    expect(idsOf((await memory(talk, newest, { turns: 2 })).turns)).toEqual(ids.slice(1));
    expect(idsOf((await memory(talk, newest, { turns: 3 })).turns)).toEqual(ids);
  });

  it("is limited to a length of text, including the turn that reaches it", async () => {
    const { talk, ids } = await turnsOf(10, 20, 30, 40);
    const within = async (units: number) => idsOf((await memory(talk, newest, { units })).turns);
    await expect(within(1)).resolves.toEqual(ids.slice(3));
    await expect(within(40)).resolves.toEqual(ids.slice(3));
    await expect(within(41)).resolves.toEqual(ids.slice(2));
    await expect(within(70)).resolves.toEqual(ids.slice(2));
    await expect(within(91)).resolves.toEqual(ids);
  });

  it("counts a long answer only up to the bound, but contains all of it", async () => {
    const { talk, ids } = await turnsOf(10, 1_005);
    const { turns } = await memory(talk, newest, { units: 50, answerUnits: 40 });
    expect(idsOf(turns)).toEqual(ids);
    expect(turns[1]?.response).toHaveLength(1_000);
  });
}
