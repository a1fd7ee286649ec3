import { expect, it } from "vitest";

import { maxPageBytes } from "../../../src/store/history.ts";
import type { Subject } from "../contract.ts";
import { chat, idsOf, outcomeOf } from "./chat.ts";

const unknown = "0190b3d0-0000-7000-8000-000000000000";

export function historyContract(subject: Subject): void {
  async function threeTurns() {
    const talk = await chat(subject.store);
    return { talk, ids: idsOf([await talk.ended("1?"), await talk.ended("2?"), await talk.accepted("3?")]) };
  }

  it("finds a turn by its id, in its own conversation only", async () => {
    const { history } = subject.store;
    const { talk, ids } = await threeTurns();
    const other = await chat(subject.store);
    await expect(history.turn(talk.id, ids[0] ?? "")).resolves.toMatchObject({ id: ids[0], conversationId: talk.id });
    await expect(history.turn(other.id, ids[0] ?? "")).resolves.toBeUndefined();
    await expect(history.turn(talk.id, unknown)).resolves.toBeUndefined();
  });

  it("finds a turn by its client's message id, with the number of turns ahead of it", async () => {
    const { history } = subject.store;
    const [talk, other] = [await chat(subject.store), await chat(subject.store)];
    const first = await talk.running("1?");
    const turn = await talk.accepted("2?", { clientId: "m2" });
    await expect(history.byClientId(talk.id, "m2")).resolves.toEqual({ turn, position: 1 });
    await subject.store.turns.finish(first, { outcome: outcomeOf("1."), isSent: false });
    await expect(history.byClientId(talk.id, "m2")).resolves.toEqual({ turn, position: 0 });
    await expect(history.byClientId(other.id, "m2")).resolves.toBeUndefined();
    await expect(history.byClientId(talk.id, "m3")).resolves.toBeUndefined();
  });

  it("distinguishes all message ids, lone surrogates included", async () => {
    const talk = await chat(subject.store);
    const clientIds = [
      "",
      " ",
      "a",
      "A",
      "\ud800",
      "\ud801",
      "\udfff",
      "\ufffd",
      "\u0000",
      "null",
      "é",
      "e\u0301",
      "世界",
    ];
    const turns: string[] = [];
    for (const clientId of clientIds) turns.push((await talk.ended("Why?", { clientId })).id);
    for (const [index, clientId] of clientIds.entries()) {
      const found = await subject.store.history.byClientId(talk.id, clientId);
      expect(found).toMatchObject({ turn: { id: turns[index], clientId } });
    }
  });

  it("returns the newest turn of the session, ended or not", async () => {
    const { history } = subject.store;
    const { talk, ids } = await threeTurns();
    await expect(history.last(talk.id)).resolves.toMatchObject({ id: ids[2], status: "queued" });
    await talk.reset();
    await expect(history.last(talk.id)).resolves.toBeUndefined();
    const { id } = await talk.ended("Anew?");
    const replacing = await talk.ended("Anew, otherwise?", { replaces: id });
    await expect(history.last(talk.id)).resolves.toEqual(replacing);
  });

  it("is read in pages, oldest first", async () => {
    const { history } = subject.store;
    const { talk, ids } = await threeTurns();
    const [first, second, third] = ids;
    const page = async (limit: number, before?: string) => {
      const found = await history.page(talk.id, limit, before);
      return found && { ids: idsOf(found.turns), hasMore: found.hasMore };
    };
    await expect(page(10)).resolves.toEqual({ ids, hasMore: false });
    await expect(page(3)).resolves.toEqual({ ids, hasMore: false });
    await expect(page(2)).resolves.toEqual({ ids: [second, third], hasMore: true });
    await expect(page(1, third)).resolves.toEqual({ ids: [second], hasMore: true });
    await expect(page(1, second)).resolves.toEqual({ ids: [first], hasMore: false });
    await expect(page(1, first)).resolves.toEqual({ ids: [], hasMore: false });
    await expect(page(10, unknown)).resolves.toBeUndefined();
    const full = await history.page(talk.id, 10);
    expect(full?.turns[0]).toEqual(await talk.turn(first ?? ""));
  });

  it("contains only the current session", async () => {
    const { history } = subject.store;
    const { talk, ids } = await threeTurns();
    const other = await chat(subject.store);
    await expect(history.page(other.id, 10)).resolves.toEqual({ turns: [], hasMore: false });
    await expect(history.page(other.id, 10, ids[0])).resolves.toBeUndefined();
    await talk.reset();
    const { id } = await talk.ended("Anew?");
    await expect(talk.history()).resolves.toEqual([id]);
    await expect(history.page(talk.id, 10, ids[2])).resolves.toBeUndefined();
  });

  it("contains no replaced turns", async () => {
    const { history } = subject.store;
    const talk = await chat(subject.store);
    const [first, second] = [await talk.ended("1?"), await talk.ended("2?")];
    const replacing = await talk.ended("2, otherwise?", { replaces: second.id });
    const third = await talk.ended("3?");
    const page = await history.page(talk.id, 2);
    expect([idsOf(page?.turns), page?.hasMore]).toEqual([[replacing.id, third.id], true]);
    const before = await history.page(talk.id, 10, replacing.id);
    expect(before).toEqual({ turns: [first], hasMore: false });
  });

  it("has smaller pages if turns are large, with at least one turn", async () => {
    const { history } = subject.store;
    const talk = await chat(subject.store);
    const sizes = [0.1, 1.5, 0.45, 0.45, 0.45];
    const turns: string[] = [];
    for (const part of sizes) {
      const outcome = outcomeOf("é".repeat((maxPageBytes * part) / 2)); // two bytes each
      turns.push((await talk.ended("Why?", { outcome })).id);
    }
    const pages: unknown[] = [];
    for (let before: string | undefined, hasMore = true; hasMore && pages.length < sizes.length; ) {
      const page = await history.page(talk.id, 10, before);
      pages.push(idsOf(page?.turns));
      before = page?.turns[0]?.id;
      hasMore = page?.hasMore ?? false;
    }
    expect(pages).toEqual([turns.slice(3), turns.slice(2, 3), turns.slice(1, 2), turns.slice(0, 1)]);
  });

  it("keeps the latest feedback on a turn", async () => {
    const { history, records } = subject.store;
    const talk = await chat(subject.store);
    const { id } = await talk.ended("Why?");
    await expect(records.rating(id)).resolves.toBeUndefined();
    await history.rate(id, { score: -0.5, comment: "世界", expected: "analysis" });
    await expect(records.rating(id)).resolves.toEqual({ score: -0.5, comment: "世界", expected: "analysis" });
    await history.rate(id, { score: 1 });
    await expect(records.rating(id)).resolves.toEqual({ score: 1 });
  });

  it("keeps any text as it is: feedback, reasoning, prompts", async () => {
    const { history, records } = subject.store;
    const talk = await chat(subject.store);
    const text = "\u0000 \"'\\ \n 世界 \u{1f600}";
    const { id } = await talk.ended(text, { outcome: outcomeOf(text), reasoning: text });
    await history.rate(id, { score: 0, comment: text });
    await history.keepTexts([{ hash: `${id} 0`, source: text }]);
    await expect(talk.turn(id)).resolves.toMatchObject({ request: { query: text }, outcome: { response: text } });
    await expect(history.reasoning(id)).resolves.toBe(text);
    await expect(records.rating(id)).resolves.toMatchObject({ comment: text });
    await expect(records.texts([`${id} 0`])).resolves.toEqual(new Map([[`${id} 0`, text]]));
  });

  it("knows no turn by an id that none can have", async () => {
    const { history, records, waits } = subject.store;
    const talk = await chat(subject.store);
    await talk.ended("Why?");
    for (const id of ["", "\u0000", "'\ud800"]) {
      await expect(history.turn(talk.id, id)).resolves.toBeUndefined();
      await expect(history.page(talk.id, 10, id)).resolves.toBeUndefined();
      await expect(records.turn(id)).resolves.toBeUndefined();
      await expect(subject.store.deliveries.endedAfter(talk.id, id)).resolves.toBeUndefined();
      await expect(waits.answer(talk.id, id, new Map())).resolves.toBe("unknown");
      await expect(subject.store.files.of(talk.owner, [id])).resolves.toEqual([]);
    }
  });

  it("stores each text once, by hash", async () => {
    const { history, records } = subject.store;
    const [one, other] = [
      { hash: `${unknown}-1`, source: "One." },
      { hash: `${unknown}-2`, source: "Two." },
    ];
    await history.keepTexts([one]);
    await history.keepTexts([one, other]);
    const texts = await records.texts([one.hash, "unknown", other.hash]);
    expect([...texts]).toEqual([
      [one.hash, "One."],
      [other.hash, "Two."],
    ]);
  });
}
