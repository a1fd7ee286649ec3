import { expect, it } from "vitest";

import { leaseMs } from "../../../src/store/turns.ts";
import type { Subject } from "../contract.ts";
import { type Chat, chat, outcomeOf } from "./chat.ts";
import { waitOf } from "./waits.ts";

const once = { told: '"once"', mayRepeat: false };
const repeatable = { told: '"repeatable"', mayRepeat: true };

export function toolCallsContract(subject: Subject): void {
  const calls = () => subject.store.toolCalls;
  /** The claim of a runner that takes over from one that has crashed. */
  async function afterCrash(talk: Chat) {
    await subject.passTime(leaseMs + 1);
    return await talk.claim();
  }

  it("is new in its first attempt, even if its name was used before", async () => {
    const claim = await (await chat(subject.store)).running("Why?");
    await expect(calls().start(claim, "a", once)).resolves.toEqual({ type: "new" });
    await calls().end(claim, "a", { told: '"done"', output: "1" });
    await expect(calls().start(claim, "a", once)).resolves.toEqual({ type: "new" });
  });

  it("that has ended is known after a crash with its output, and never runs again", async () => {
    const talk = await chat(subject.store);
    const first = await talk.running("Why?");
    for (const call of ["short", "long"]) await calls().start(first, call, repeatable);
    await calls().end(first, "short", { told: '"done"', output: '{"a":1}' });
    await calls().end(first, "long", { told: '"done"', output: undefined });
    const next = await afterCrash(talk);
    await expect(calls().start(next, "short", repeatable)).resolves.toEqual({ type: "finished", output: '{"a":1}' });
    await expect(calls().start(next, "long", once)).resolves.toEqual({ type: "finished", output: undefined });
  });

  it("that had not ended before a crash starts again only if it may be repeated", async () => {
    const talk = await chat(subject.store);
    const first = await talk.running("Why?");
    for (const call of ["a", "b"]) await calls().start(first, call, once);
    const next = await afterCrash(talk);
    await expect(calls().start(next, "a", once)).resolves.toEqual({ type: "unfinished" });
    await expect(calls().start(next, "b", repeatable)).resolves.toEqual({ type: "new" });
    await expect(calls().start(await afterCrash(talk), "b", once)).resolves.toEqual({ type: "unfinished" });
  });

  it("that asked a person starts again, and one that had ended does not", async () => {
    const talk = await chat(subject.store);
    const first = await talk.running("Why?");
    for (const call of ["asks", "over"]) await calls().start(first, call, once);
    await calls().end(first, "over", { told: '"done"', output: "1" });
    await subject.store.waits.begin(first, waitOf(1, "a"));
    await subject.store.waits.answer(talk.id, first.turn.id, new Map([["a", 1]]));
    const next = await talk.claim();
    await expect(calls().start(next, "asks", once)).resolves.toEqual({ type: "new" });
    await expect(calls().start(next, "over", once)).resolves.toEqual({ type: "finished", output: "1" });
    await expect(calls().start(await afterCrash(talk), "asks", once)).resolves.toEqual({ type: "unfinished" });
  });

  it("may have any name, and its result may be any JSON", async () => {
    const talk = await chat(subject.store);
    const claim = await talk.running("Why?");
    const [name, output] = ["\u0000'\"", JSON.stringify("\u0000\\")];
    await calls().start(claim, name, repeatable);
    await calls().end(claim, name, { told: '{"\\u0000":1}', output });
    await expect(calls().told(claim.turn.id)).resolves.toEqual(new Map([[name, '{"\\u0000":1}']]));
    const next = await afterCrash(talk);
    await expect(calls().start(next, name, repeatable)).resolves.toEqual({ type: "finished", output });
    await subject.store.turns.finish(next, { outcome: outcomeOf("Because."), isSent: false });
    const recorded = await subject.store.records.recording(claim.turn.id);
    expect(recorded.calls).toMatchObject([{ key: name, told: { "\u0000": 1 }, output: "\u0000\\" }]);
  });

  it("is told in the order of the first starts, and gone when the turn has ended", async () => {
    const talk = await chat(subject.store);
    const claim = await talk.running("Why?");
    for (const call of ["b", "a"]) await calls().start(claim, call, once);
    await calls().end(claim, "b", { told: '"done"', output: "1" });
    await calls().start(claim, "b", repeatable);
    const told = [...(await calls().told(claim.turn.id))];
    expect(told).toEqual([
      ["b", '"repeatable"'],
      ["a", '"once"'],
    ]);
    await subject.store.turns.finish(claim, { outcome: outcomeOf("Because."), isSent: false });
    await expect(calls().told(claim.turn.id)).resolves.toEqual(new Map());
    await expect(calls().start(claim, "c", once)).resolves.toEqual({ type: "void" });
  });
}
