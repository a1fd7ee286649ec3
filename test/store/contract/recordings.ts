import { expect, it } from "vitest";

import type { Subject } from "../contract.ts";
import { type Chat, chat, outcomeOf } from "./chat.ts";
import { waitOf } from "./waits.ts";

export function recordingsContract(subject: Subject): void {
  const recording = async (turnId: string) => await subject.store.records.recording(turnId);

  /** A turn that calls two tools and asks twice. */
  async function busyTurn(talk: Chat) {
    const { toolCalls, waits } = subject.store;
    const first = await talk.running("Why?");
    const { id } = first.turn;
    await toolCalls.start(first, "a", { told: '{"tool_name":"a"}', mayRepeat: false });
    await toolCalls.end(first, "a", { told: '{"tool_name":"a","output":1}', output: "1" });
    await waits.begin(first, waitOf(1, "one"));
    await waits.answer(talk.id, id, new Map([["one", "yes"]]));
    const second = await talk.claim();
    await toolCalls.start(second, "b", { told: '{"tool_name":"b"}', mayRepeat: false });
    await waits.begin(second, { ...waitOf(2, "two", "three"), count: 2 });
    await waits.answer(talk.id, id, new Map([["two", { no: true }]]));
    return id;
  }

  const expected = {
    steps: [],
    calls: [
      {
        key: "a",
        told: { tool_name: "a", output: 1 },
        output: 1,
        startedAt: expect.any(Number),
        endedAt: expect.any(Number),
      },
      { key: "b", told: { tool_name: "b" }, startedAt: expect.any(Number) },
    ],
    waits: [
      {
        questions: [{ interruptId: "one", graphId: "graph one", value: { a: 1 }, answer: { value: "yes" } }],
        askedAt: expect.any(Number),
        answeredAt: expect.any(Number),
      },
      {
        questions: [
          { interruptId: "two", graphId: "graph two", value: { a: 1 }, answer: { value: { no: true } } },
          { interruptId: "three", graphId: "graph three", value: { a: 1 } },
        ],
        askedAt: expect.any(Number),
        answeredAt: expect.any(Number),
      },
    ],
  };

  it("tells what a turn in flight has called, asked and been answered", async () => {
    const id = await busyTurn(await chat(subject.store));
    await expect(recording(id)).resolves.toEqual(expected);
  });

  it("lasts after the end of the turn, also if it was stopped while it waited", async () => {
    const talk = await chat(subject.store);
    const stopped = await busyTurn(talk);
    const ending = { outcome: outcomeOf("Well", "stopped"), isSent: false };
    await subject.store.waits.end(stopped, ending);
    const other = await busyTurn(talk);
    await subject.store.waits.answer(talk.id, other, new Map([["three", 3]]));
    await subject.store.turns.finish(await talk.claim(), { ...ending, outcome: outcomeOf("Because.") });
    await subject.reopen();
    await expect(recording(stopped)).resolves.toEqual(expected);
    const { waits } = await recording(other);
    expect(waits.flatMap(({ questions }) => questions.map(({ answer }) => answer))).toEqual([
      { value: "yes" },
      { value: { no: true } },
      { value: 3 },
    ]);
  });

  it("keeps the results of a turn up to 1 MiB, and its other calls without them", async () => {
    const talk = await chat(subject.store);
    const claim = await talk.running("Why?");
    for (const call of ["a", "b", "c"]) {
      const output = JSON.stringify(call.repeat(400_000));
      await subject.store.toolCalls.start(claim, call, { told: "{}", mayRepeat: false });
      await subject.store.toolCalls.end(claim, call, { told: "{}", output });
    }
    await subject.store.turns.finish(claim, { outcome: outcomeOf("Because."), isSent: false });
    const { calls } = await recording(claim.turn.id);
    expect(calls.map(({ key, output }) => [key, output !== undefined])).toEqual([
      ["a", true],
      ["b", true],
      ["c", false],
    ]);
  });

  it("finds what an engine had kept before a turn, also if that was replaced since", async () => {
    const talk = await chat(subject.store);
    const kept = (at: number) => ({ produced: { kept: `{"at":${at}}` } });
    const before = async (turn: Awaited<ReturnType<Chat["ended"]>>, type = "simple") =>
      await subject.store.records.before(turn).lastKept(type);
    const first = await talk.ended("1?", kept(1));
    const second = await talk.ended("2?", kept(2));
    const third = await talk.ended("3?", { ...kept(3), memory: { turns: [first.seq, second.seq], summary: "" } });
    const again = await talk.ended("2, again?", {
      ...kept(4),
      replaces: second.id,
      memory: { turns: [first.seq], summary: "" },
    });
    await expect(before(first)).resolves.toBeUndefined();
    await expect(before(second)).resolves.toBe('{"at":1}');
    await expect(before(third)).resolves.toBe('{"at":2}');
    await expect(before(again)).resolves.toBe('{"at":1}');
    await expect(before(third, "complex")).resolves.toBeUndefined();
  });
}
