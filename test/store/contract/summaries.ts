import { expect, it } from "vitest";

import type { Subject } from "../contract.ts";
import { type Chat, chat, idsOf } from "./chat.ts";

const everything = { turns: 100, units: 100_000, answerUnits: 1_000 };

export function summariesContract(subject: Subject): void {
  const memory = (talk: Chat) => subject.store.history.memory(talk.sessionId, Number.MAX_SAFE_INTEGER, everything);
  const keep = (talk: Chat, text: string, upTo: number, from: { upTo: number; turnIds: string[] }) =>
    subject.store.conversations.keepSummary({ sessionId: talk.sessionId, text, upTo, from });

  async function threeTurns() {
    const talk = await chat(subject.store);
    const [first, second, third] = [await talk.ended("1?"), await talk.ended("2?"), await talk.ended("3?")];
    return { talk, first, second, third };
  }

  it("replaces the turns that it covers", async () => {
    const { talk, first, second, third } = await threeTurns();
    await expect(memory(talk)).resolves.toMatchObject({ summary: "", upTo: 0 });
    const from = { upTo: 0, turnIds: [first.id, second.id] };
    await expect(keep(talk, "The beginning.", second.seq, from)).resolves.toBe(true);
    const remembered = await memory(talk);
    expect(remembered).toMatchObject({ summary: "The beginning.", upTo: second.seq });
    expect(idsOf(remembered.turns)).toEqual([third.id]);
    await expect(talk.history()).resolves.toEqual([first.id, second.id, third.id]);
  });

  it("builds on the previous summary", async () => {
    const { talk, first, second, third } = await threeTurns();
    await keep(talk, "One.", first.seq, { upTo: 0, turnIds: [first.id] });
    const from = { upTo: first.seq, turnIds: [second.id, third.id] };
    await expect(keep(talk, "All three.", third.seq, from)).resolves.toBe(true);
    await expect(memory(talk)).resolves.toEqual({ summary: "All three.", upTo: third.seq, turns: [] });
  });

  it("is not stored if another one was stored meanwhile", async () => {
    const { talk, first, second } = await threeTurns();
    await keep(talk, "One.", first.seq, { upTo: 0, turnIds: [first.id] });
    const late = keep(talk, "One and two.", second.seq, { upTo: 0, turnIds: [first.id, second.id] });
    await expect(late).resolves.toBe(false);
    await expect(memory(talk)).resolves.toMatchObject({ summary: "One.", upTo: first.seq });
  });

  it("is not stored if a turn that it covers has left the history meanwhile", async () => {
    const { talk, first, second } = await threeTurns();
    await talk.accepted("2, otherwise?", { replaces: second.id });
    const from = { upTo: 0, turnIds: [first.id, second.id] };
    await expect(keep(talk, "One and two.", second.seq, from)).resolves.toBe(false);
    await expect(memory(talk)).resolves.toMatchObject({ summary: "", upTo: 0 });
  });

  it("is stored if only a later turn has left the history", async () => {
    const { talk, first, second, third } = await threeTurns();
    await talk.accepted("3, otherwise?", { replaces: third.id });
    const from = { upTo: 0, turnIds: [first.id, second.id] };
    await expect(keep(talk, "One and two.", second.seq, from)).resolves.toBe(true);
  });

  it("is dropped when a turn that it covers leaves the history, and so are summaries based on it", async () => {
    const { talk, first, second, third } = await threeTurns();
    await keep(talk, "One and two.", second.seq, { upTo: 0, turnIds: [first.id, second.id] });
    await talk.accepted("2, otherwise?", { replaces: second.id });
    const remembered = await memory(talk);
    expect(remembered).toMatchObject({ summary: "", upTo: 0 });
    expect(idsOf(remembered.turns)).toEqual([first.id]);
    const late = keep(talk, "All three.", third.seq, { upTo: second.seq, turnIds: [third.id] });
    await expect(late).resolves.toBe(false);
    await expect(memory(talk)).resolves.toEqual(remembered);
  });

  it("stays when a later turn leaves the history", async () => {
    const { talk, first, second, third } = await threeTurns();
    await keep(talk, "One and two.", second.seq, { upTo: 0, turnIds: [first.id, second.id] });
    await talk.accepted("3, otherwise?", { replaces: third.id });
    await expect(memory(talk)).resolves.toEqual({ summary: "One and two.", upTo: second.seq, turns: [] });
  });

  it("belongs to its session only", async () => {
    const { talk, first } = await threeTurns();
    await keep(talk, "One.", first.seq, { upTo: 0, turnIds: [first.id] });
    await talk.reset();
    await expect(memory(talk)).resolves.toEqual({ summary: "", upTo: 0, turns: [] });
  });
}
