import { v7 } from "uuid";
import { expect, it } from "vitest";

import type { StoredFile } from "../../../src/store/files.ts";
import type { Subject } from "../contract.ts";
import { chat, outcomeOf } from "./chat.ts";

const plenty = { files: 1_000, bytes: 1_000_000 };

function fileOf(userId: string, over: Partial<StoredFile> = {}): StoredFile {
  const facts = { file_id: v7(), name: "a.txt", size: 10, media_type: "text/plain" };
  return { ...facts, userId, createdAt: new Date().toISOString(), ...over };
}

export function filesContract(subject: Subject): void {
  const files = () => subject.store.files;

  async function added(userId: string, over: Partial<StoredFile> = {}): Promise<StoredFile> {
    const file = fileOf(userId, over);
    expect(await files().add(file, plenty)).toBe(true);
    return file;
  }

  /** A new conversation of a new user, and how it sends messages with files. */
  async function talking() {
    const talk = await chat(subject.store, v7());
    const sent = (...attachments: StoredFile[]) => talk.ask("What is it?", { attachments });
    return { owner: talk.owner, id: talk.id, history: talk.history, sent };
  }

  const isKept = async ({ userId, file_id }: StoredFile) => (await files().of(userId, [file_id])).length === 1;
  const later = () => new Date(Date.now() + 60_000).toISOString();

  it("is found by its owner alone, in the order that is asked for", async () => {
    const owner = v7();
    const [one, other] = [await added(owner), await added(owner, { name: "ü\u202e\u0000.txt" })];
    const ids = [other.file_id, v7(), one.file_id];
    expect(await files().of(owner, ids)).toEqual([other, one]);
    expect(await files().of(v7(), ids)).toEqual([]);
    await subject.reopen();
    expect(await files().of(owner, ids)).toEqual([other, one]);
  });

  it("is refused if its user keeps too many, or too many bytes, that came with no message", async () => {
    const owner = v7();
    const limit = { files: 2, bytes: 25 };
    expect(await files().add(fileOf(owner), limit)).toBe(true);
    expect(await files().add(fileOf(owner, { size: 16 }), limit)).toBe(false);
    expect(await files().add(fileOf(owner, { size: 15 }), limit)).toBe(true);
    expect(await files().add(fileOf(owner, { size: 0 }), limit)).toBe(false);
    expect(await files().unused(owner)).toEqual({ files: 2, bytes: 25 });
    expect(await files().add(fileOf(v7()), limit)).toBe(true);
  });

  it("is refused as well if too many come at once", async () => {
    const owner = v7();
    const all = await Promise.all(
      Array.from({ length: 6 }, () => files().add(fileOf(owner), { files: 2, bytes: 1_000 })),
    );
    expect(all.filter((isKept) => isKept)).toHaveLength(2);
    expect(await files().unused(owner)).toEqual({ files: 2, bytes: 20 });
  });

  it("no longer counts once a message came with it, however many do", async () => {
    const { owner, sent } = await talking();
    const file = await added(owner);
    for (let times = 0; times < 2; times += 1) expect(await sent(file)).toMatchObject({ type: "accepted" });
    expect(await files().unused(owner)).toEqual({ files: 0, bytes: 0 });
  });

  it("of somebody else, or one that was given up, comes with no message, and nothing of that is written", async () => {
    const { owner, sent, history } = await talking();
    const [own, foreign] = [await added(owner), await added(v7())];
    expect(await sent(own, foreign)).toMatchObject({ type: "file_gone" });
    expect(await files().unused(owner)).toMatchObject({ files: 1 });
    await files().giveUpUnused(later());
    expect(await sent(own)).toMatchObject({ type: "file_gone" });
    expect(await history()).toEqual([]);
  });

  it("is read with its turn, and with the history and the memory as long as its turn is in them", async () => {
    const talk = await chat(subject.store, v7());
    const { files: filesOf, memory } = subject.store.history;
    const asFacts = async (over: Partial<StoredFile>) => {
      const { userId: _userId, createdAt: _createdAt, ...facts } = await added(talk.owner, over);
      return facts;
    };
    const [one, two, three] = [
      await asFacts({ name: "1" }),
      await asFacts({ name: "2" }),
      await asFacts({ name: "3" }),
    ];
    const first = await talk.ended("First?", { attachments: [one, two] });
    await talk.ended("Without?");
    const last = await talk.ended("Last?", { attachments: [three, one] });
    expect(await talk.turn(first.id)).toMatchObject({ attachments: [one, two] });
    expect(await filesOf(talk.sessionId, first.seq)).toEqual([one, two]);
    expect(await filesOf(talk.sessionId, last.seq)).toEqual([two, three, one]);
    const { turns } = await memory(talk.sessionId, last.seq + 1, { turns: 9, units: 999, answerUnits: 99 });
    expect(turns.map(({ attachments }) => attachments)).toEqual([[one, two], undefined, [three, one]]);
    const replacing = { replaces: first.id, attachments: [two], outcome: outcomeOf("Again.") };
    const again = await talk.ended("First again?", replacing);
    expect(await filesOf(talk.sessionId, again.seq)).toEqual([two]);
    const { sessionId } = await talk.reset();
    expect(await filesOf(sessionId, again.seq)).toEqual([]);
  });

  it("that came with no message is given up when it is old, and forgotten when its bytes are gone", async () => {
    const { owner, sent } = await talking();
    const old = await added(owner, { createdAt: "2020-01-01T00:00:00.000Z" });
    const used = await added(owner, { createdAt: "2020-01-01T00:00:00.000Z" });
    const young = await added(owner, { createdAt: "2020-01-02T00:00:00.000Z" });
    await sent(used);
    await files().giveUpUnused("2020-01-02T00:00:00.000Z");
    expect(await Promise.all([old, used, young].map(isKept))).toEqual([false, true, true]);
    await subject.reopen();
    const given = await files().givenUp(1_000);
    expect(given).toContain(old.file_id);
    await files().forget([...given, used.file_id]);
    expect(await files().givenUp(1_000)).toEqual([]);
    expect(await isKept(used)).toBe(true);
  });

  it("is given up on its own, unless a message came with it", async () => {
    const { owner, sent } = await talking();
    const [used, unused] = [await added(owner), await added(owner)];
    await sent(used);
    await Promise.all([used, unused].map(({ file_id }) => files().giveUp(file_id)));
    await files().giveUp(v7());
    expect(await Promise.all([used, unused].map(isKept))).toEqual([true, false]);
    expect(await files().unused(owner)).toEqual({ files: 0, bytes: 0 });
    expect(await files().givenUp(1_000)).toContain(unused.file_id);
  });

  it("is given up with the last of its conversations", async () => {
    const [first, second] = [await talking(), await talking()];
    const again = await chat(subject.store, first.owner);
    const [once, twice] = [await added(first.owner), await added(first.owner)];
    await first.sent(once, twice);
    await again.ask("And?", { attachments: [twice] });
    await second.sent(await added(second.owner));
    await files().giveUpOf(first.id);
    expect(await Promise.all([once, twice].map(isKept))).toEqual([false, true]);
    await files().giveUpOf(again.id);
    expect(await isKept(twice)).toBe(false);
    expect(await files().givenUp(1_000)).toEqual(expect.arrayContaining([once.file_id, twice.file_id]));
  });
}
