import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { isLong } from "../support/size.ts";
import { type Asking, linesOf, script, startAsking } from "./asking-engine.ts";

let asking: Asking;

beforeAll(async () => {
  asking = await startAsking();
});

afterAll(() => asking[Symbol.asyncDispose]());

/** Waits until a file has this many lines. */
const lines = (file: string, count: number) => expect.poll(() => linesOf(file), { interval: 5 }).toHaveLength(count);

describe("a process that is killed in the middle of a tool", () => {
  it.runIf(isLong)("runs no finished tool again, and one that was running only if it is repeatable", async () => {
    await using before = await asking.connect();
    const conversation = await before.join("repeatable");
    const [first, second, until] = [asking.file(), asking.file(), asking.file()];
    const steps = script(
      { say: "Now: " },
      { tool: "first", file: first },
      { tool: "second", file: second, until, repeatable: true },
    );
    const { turn_id } = (await conversation.push("message", steps)).response;
    await lines(second, 1);
    await before.close();
    await asking.restart();
    await lines(second, 2);
    asking.touch(until);
    await using after = await asking.connect();
    const { terminal } = await (await after.join("repeatable")).turn(turn_id);
    expect(terminal.payload.response).toBe("Now: first.second.");
    expect(linesOf(first)).toEqual(["first"]);
    const calls = terminal.payload.metadata?.tool_calls;
    expect(calls).toMatchObject([{ output: "result of first" }, { output: "result of second" }]);
  });

  it.runIf(isLong)("ends the turn as interrupted if the tool is not repeatable, and the next turn works", async () => {
    await using before = await asking.connect();
    const conversation = await before.join("once");
    const [file, until] = [asking.file(), asking.file()];
    const { turn_id } = (await conversation.push("message", script({ tool: "pay", file, until }))).response;
    await lines(file, 1);
    await before.close();
    await asking.restart();
    await using after = await asking.connect();
    const again = await after.join("once");
    const { terminal } = await again.turn(turn_id);
    expect(terminal).toMatchObject({ event: "error", payload: { details: { code: "interrupted" } } });
    expect(linesOf(file)).toEqual(["pay"]);
    const { content, options } = script({ say: "next" });
    expect((await again.ask(content, { options })).terminal.payload.response).toBe("next");
  });

  it("goes on with the answer of a person, also if it is killed right after the answer", async () => {
    await using before = await asking.connect();
    const conversation = await before.join("answered");
    const [file, until, mark] = [asking.file(), asking.file(), asking.file()];
    const steps = script(
      { mark: "before", file: mark },
      { ask: "May I?" },
      { tool: "slow", file, until, repeatable: true },
    );
    await conversation.push("message", steps);
    const { turn_id, requests } = await conversation.next("input_requested");
    const responses = requests.map(({ interrupt_id }) => ({ interrupt_id, value: "yes" }));
    expect(await conversation.push("respond", { turn_id, responses })).toMatchObject({ status: "ok" });
    await before.close();
    await asking.restart();
    await expect.poll(() => linesOf(file).length).toBeGreaterThan(0);
    await asking.restart();
    asking.touch(until);
    await using after = await asking.connect();
    const { terminal } = await (await after.join("answered")).turn(turn_id);
    expect(terminal.payload.response).toBe('"yes"slow.');
    expect(linesOf(mark)).toEqual(["before"]);
  });

  it("leaves nothing of the graph in the database once the turn has ended", async () => {
    expect(asking.rows("graph_checkpoints", "graph_writes", "tool_calls", "waits")).toEqual([0, 0, 0, 0]);
  });
});
