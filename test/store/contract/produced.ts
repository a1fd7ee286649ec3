import { expect, it } from "vitest";

import type { Subject } from "../contract.ts";
import { type Chat, chat, outcomeOf } from "./chat.ts";

const everything = { turns: 100, units: 100_000, answerUnits: 1_000 };

export function producedContract(subject: Subject): void {
  const { MAX_SAFE_INTEGER: end } = Number;
  const lastKept = (talk: Chat, type = "simple", seq = end) =>
    subject.store.history.lastKept(talk.sessionId, seq, type);

  it("is part of the memory, also of a turn without an answer", async () => {
    const talk = await chat(subject.store);
    await talk.ended("1?", { produced: { messages: "[1]" } });
    await talk.ended("2?", { outcome: outcomeOf("", "stopped"), produced: { messages: "[2]" } });
    await talk.ended("3?");
    await talk.ended("4?", { outcome: outcomeOf("", "stopped") });
    const { turns } = await subject.store.history.memory(talk.sessionId, end, everything);
    expect(turns.map(({ query, produced }) => [query, produced])).toEqual([
      ["1?", "[1]"],
      ["2?", "[2]"],
      ["3?", undefined],
    ]);
  });

  it("counts towards the length of the memory", async () => {
    const talk = await chat(subject.store);
    for (const query of ["1?", "2?"])
      await talk.ended(query, { produced: { messages: JSON.stringify("x".repeat(500)) } });
    const { turns } = await subject.store.history.memory(talk.sessionId, end, { ...everything, units: 400 });
    expect(turns).toHaveLength(1);
  });

  it("is that of the last turn of the engine in the history", async () => {
    const talk = await chat(subject.store);
    const other = { ...outcomeOf("."), conversationType: "complex" };
    await talk.ended("1?", { produced: { kept: '{"at":1}' } });
    const second = await talk.ended("2?", { produced: { kept: '{"at":2}' } });
    await talk.ended("3?", { outcome: other, produced: { kept: '{"at":3}' } });
    await talk.ended("4?");
    await expect(lastKept(talk)).resolves.toBe('{"at":2}');
    await expect(lastKept(talk, "complex")).resolves.toBe('{"at":3}');
    await expect(lastKept(talk, "simple", second.seq)).resolves.toBe('{"at":1}');
    await expect(lastKept(talk, "analysis")).resolves.toBeUndefined();
    await talk.ended("2, otherwise?", { replaces: second.id });
    await expect(lastKept(talk)).resolves.toBe('{"at":1}');
    await expect(lastKept(talk, "complex")).resolves.toBeUndefined();
    await talk.reset();
    await expect(lastKept(talk)).resolves.toBeUndefined();
  });
}
