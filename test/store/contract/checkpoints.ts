import { expect, it } from "vitest";

import type { NewCheckpoint, PendingWrite } from "../../../src/store/checkpoints.ts";
import type { Subject } from "../contract.ts";
import { chat, outcomeOf } from "./chat.ts";
import { waitOf } from "./waits.ts";

const bytes = (text: string) => ({ type: "json", bytes: new TextEncoder().encode(text) });
const text = (data: Uint8Array | undefined) => new TextDecoder().decode(data);

function checkpoint(id: string, over: Partial<NewCheckpoint> = {}): NewCheckpoint {
  return { namespace: "", id, checkpoint: bytes(`state ${id}`), metadata: bytes("{}"), ...over };
}

function pending(taskId: string, index: number, value: string): PendingWrite {
  return { taskId, taskPath: `path ${taskId}`, index, channel: `channel ${index}`, ...bytes(value) };
}

export function checkpointsContract(subject: Subject): void {
  const checkpoints = () => subject.store.checkpoints;

  it("are kept with all their parts, also when the store is opened again", async () => {
    const claim = await (await chat(subject.store)).running("Why?");
    await checkpoints().put(claim, checkpoint("1", { parentId: "0", metadata: bytes('{"step":1}') }));
    await checkpoints().putWrites(claim, { namespace: "", id: "1" }, [pending("task", 0, "\u0000 世界")]);
    await subject.reopen();
    const found = await checkpoints().get(claim.turn.id, "", "1");
    expect(found).toMatchObject({ namespace: "", id: "1", parentId: "0", checkpoint: { type: "json" } });
    expect([text(found?.checkpoint.bytes), text(found?.metadata.bytes)]).toEqual(["state 1", '{"step":1}']);
    expect(found?.writes).toMatchObject([{ taskId: "task", taskPath: "path task", index: 0, channel: "channel 0" }]);
    expect(text(found?.writes[0]?.bytes)).toBe("\u0000 世界");
  });

  it("are as new as they were written, whatever their ids say", async () => {
    const claim = await (await chat(subject.store)).running("Why?");
    const newest = async (namespace = "") => (await checkpoints().get(claim.turn.id, namespace))?.id;
    for (const id of ["5", "9", "3"]) await checkpoints().put(claim, checkpoint(id));
    await checkpoints().put(claim, checkpoint("1", { namespace: "inner" }));
    expect([await newest(), await newest("inner"), await newest("none")]).toEqual(["3", "1", undefined]);
    const list = async (...of: [namespace?: string, before?: string]) =>
      (await checkpoints().list(claim.turn.id, ...of)).map(({ id }) => id);
    expect([await list(), await list(""), await list("", "9")]).toEqual([["1", "3", "9", "5"], ["3", "9", "5"], ["5"]]);
    await checkpoints().put(claim, checkpoint("5"));
    expect(await newest()).toBe("5");
  });

  it("keep the first write at a place, and the last one of a special kind", async () => {
    const claim = await (await chat(subject.store)).running("Why?");
    const place = { namespace: "", id: "1" };
    await checkpoints().put(claim, checkpoint("1"));
    for (const value of ["first", "last"]) {
      await checkpoints().putWrites(claim, place, [pending("task", 0, value), pending("task", -1, value)]);
    }
    await checkpoints().putWrites(claim, place, [pending("sibling", 0, "its own")]);
    const { writes = [] } = (await checkpoints().get(claim.turn.id, "")) ?? {};
    const found = writes.map(({ taskId, index, bytes }) => `${taskId} ${index} ${text(bytes)}`);
    expect(found.sort()).toEqual(["sibling 0 its own", "task -1 last", "task 0 first"]);
  });

  it("keep the same, if several writes to a place come at once", async () => {
    const claim = await (await chat(subject.store)).running("Why?");
    const place = { namespace: "", id: "1" };
    await checkpoints().put(claim, checkpoint("1"));
    const writes = ["first", "last"].flatMap((value) => [pending("task", 0, value), pending("task", -1, value)]);
    await expect(checkpoints().putWrites(claim, place, writes)).resolves.toBe(true);
    await expect(checkpoints().putWrites(claim, place, [])).resolves.toBe(true);
    const found = (await checkpoints().get(claim.turn.id, ""))?.writes.map(({ index, bytes }) => [index, text(bytes)]);
    expect(found?.toSorted()).toEqual([
      [-1, "last"],
      [0, "first"],
    ]);
  });

  it("are not written with a claim that is void, and gone when the turn has ended", async () => {
    const claim = await (await chat(subject.store)).running("Why?");
    await expect(checkpoints().put(claim, checkpoint("1"))).resolves.toBe(true);
    await subject.store.turns.finish(claim, { outcome: outcomeOf("Because."), isSent: false });
    await expect(checkpoints().get(claim.turn.id, "")).resolves.toBeUndefined();
    await expect(checkpoints().put(claim, checkpoint("2"))).resolves.toBe(false);
    const write = checkpoints().putWrites(claim, { namespace: "", id: "2" }, [pending("task", 0, "late")]);
    await expect(write).resolves.toBe(false);
    await expect(checkpoints().list(claim.turn.id)).resolves.toEqual([]);
  });

  it("with a question use up the earlier answer under its id", async () => {
    const talk = await chat(subject.store);
    const claim = await talk.running("Why?");
    await subject.store.waits.begin(claim, waitOf(1, "a", "b"));
    await subject.store.waits.answer(talk.id, claim.turn.id, new Map(Object.entries({ a: 1, b: 2 })));
    const next = await talk.claim();
    await checkpoints().putWrites(next, { namespace: "", id: "1" }, [pending("task", -3, "?")], ["graph a"]);
    const { questions = [] } = (await subject.store.waits.of(claim.turn.id)) ?? {};
    expect(questions).toMatchObject([{ interruptId: "b", answer: { value: 2 } }]);
  });
}
