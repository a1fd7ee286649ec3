import { v7 } from "uuid";
import { expect, it } from "vitest";

import type { Subject } from "../contract.ts";
import { chat, idsOf, outcomeOf } from "./chat.ts";

export function recordsContract(subject: Subject): void {
  it("find a turn by its id alone", async () => {
    const talk = await chat(subject.store);
    const turn = await talk.ended("Why?");
    await expect(subject.store.records.turn(turn.id)).resolves.toEqual(turn);
    await expect(subject.store.records.turn(v7())).resolves.toBeUndefined();
  });

  it("list the newest completed turns of one engine or of all, oldest first", async () => {
    const [talk, other] = [await chat(subject.store), await chat(subject.store)];
    const engine = v7();
    const of = (conversationType: string) => ({ outcome: { ...outcomeOf("Because."), conversationType } });
    const turns = [
      await talk.ended("1?", of(engine)),
      await other.ended("2?", of("other")),
      await talk.ended("3?", of(engine)),
    ];
    await talk.ended("Stopped?", { outcome: { ...outcomeOf("Half", "stopped"), conversationType: engine } });
    const last = await talk.ended("4?", of(engine));
    await talk.running("Running?");
    const latest = async (count: number, type?: string) => idsOf(await subject.store.records.latest(count, type));
    await expect(latest(4)).resolves.toEqual(idsOf([...turns, last]));
    await expect(latest(10, engine)).resolves.toEqual(idsOf([...turns.filter((_, index) => index !== 1), last]));
    await expect(latest(2, engine)).resolves.toEqual([turns[2]?.id, last.id]);
    await expect(latest(10, v7())).resolves.toEqual([]);
  });

  it("find a user's newest completed turns that used a prompt, newest first", async () => {
    const [talk, other] = [await chat(subject.store), await chat(subject.store, v7())];
    const using = (...names: string[]) => ({
      outcome: {
        ...outcomeOf("Because."),
        metadata: { prompts: Object.fromEntries(names.map((name) => [name, "hash"])) },
      },
    });
    const first = await talk.ended("1?", using("generation.plan", "simple"));
    await talk.ended("2?", using("generation"));
    await other.ended("3?", using("generation.plan"));
    const last = await talk.ended("4?", using("generation.plan"));
    await talk.ended("Stopped?", { outcome: { ...using("generation.plan").outcome, status: "stopped" } });
    await talk.ended("5?");
    const uses = async (count: number) =>
      idsOf(await subject.store.records.usesOf(first.userId, "generation.plan", count));
    await expect(uses(10)).resolves.toEqual([last.id, first.id]);
    await expect(uses(1)).resolves.toEqual([last.id]);
    await expect(subject.store.records.usesOf(first.userId, "plan", 10)).resolves.toEqual([]);
  });

  it("return what a turn remembered: earlier turns and the summary", async () => {
    const { records } = subject.store;
    const talk = await chat(subject.store);
    const [first, second] = [await talk.ended("1?"), await talk.ended("2?")];
    const memory = { turns: [first.seq, second.seq], summary: "What was before. \u0000 世界" };
    const third = await talk.ended("3?", { memory });
    const fourth = await talk.ended("4?", { memory: { turns: [third.seq], summary: "" } });
    await expect(records.memory(third.id)).resolves.toEqual({
      summary: memory.summary,
      messages: [
        { turn: first, part: "question" },
        { turn: first, part: "answer" },
        { turn: second, part: "question" },
        { turn: second, part: "answer" },
      ],
    });
    await expect(records.memory(fourth.id)).resolves.toMatchObject({ summary: "", messages: [{}, {}] });
    await expect(records.memory(first.id)).resolves.toBeUndefined();
    await expect(records.memory(v7())).resolves.toBeUndefined();
  });

  it("return the results of steps, in the order they finished", async () => {
    const { records, turns } = subject.store;
    const talk = await chat(subject.store);
    const claim = await talk.running("Why?");
    for (const name of ["c", "a", "d", "b"]) await turns.keepStep(claim, name, JSON.stringify({ name }));
    await turns.finish(claim, { outcome: outcomeOf("Because."), isSent: false });
    const { steps: kept } = await records.recording(claim.turn.id);
    expect(kept).toEqual(["c", "a", "d", "b"].map((name) => ({ name, result: { name } })));
    await expect(records.recording(v7())).resolves.toEqual({ steps: [], calls: [], waits: [] });
  });

  it("list a user's conversations, most recently used first", async () => {
    const { records } = subject.store;
    const owner = v7();
    await expect(records.conversations(owner, 10)).resolves.toEqual([]);
    const first = await chat(subject.store, owner);
    await subject.passTime(10);
    const second = await chat(subject.store, owner);
    await chat(subject.store);
    const ids = async (limit: number) => idsOf(await records.conversations(owner, limit));
    await expect(ids(10)).resolves.toEqual([second.id, first.id]);
    await subject.passTime(10);
    await first.ended("Why?");
    await expect(ids(10)).resolves.toEqual([first.id, second.id]);
    await expect(ids(1)).resolves.toEqual([first.id]);
  });

  it("list a conversation with the first message of its session and its number of turns", async () => {
    const { records } = subject.store;
    const owner = v7();
    const talk = await chat(subject.store, owner);
    const shown = async () => (await records.conversations(owner, 10))[0];
    await expect(shown()).resolves.toEqual({
      id: talk.id,
      title: "",
      updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      turns: 0,
      isRunning: false,
      isWaiting: false,
    });
    const { id } = await talk.ended("First?");
    const claim = await talk.running("Second?");
    const running = { title: "First?", turns: 2, isRunning: true, updatedAt: claim.turn.acceptedAt };
    await expect(shown()).resolves.toMatchObject(running);
    await subject.store.turns.finish(claim, { outcome: outcomeOf("Because."), isSent: false });
    await talk.ended("First, otherwise?", { replaces: id });
    await expect(shown()).resolves.toMatchObject({ title: "First, otherwise?", turns: 1, isRunning: false });
    await talk.reset();
    await expect(shown()).resolves.toMatchObject({ title: "", turns: 0, isRunning: false });
  });
}
