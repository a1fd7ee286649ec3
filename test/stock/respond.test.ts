import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Asking, linesOf, script, startAsking } from "./asking-engine.ts";

let asking: Asking;

beforeAll(async () => {
  asking = await startAsking();
});

afterAll(() => asking[Symbol.asyncDispose]());

describe("respond", () => {
  it("counts once if two devices answer at the same time, and all devices are told", async () => {
    await using phone = await asking.connect();
    await using laptop = await asking.connect();
    const devices = [await phone.join("both"), await laptop.join("both")] as const;
    const [one] = devices;
    for (let round = 1; round <= 10; round += 1) {
      const file = asking.file();
      await one.push("message", script({ ask: "Which?" }, { mark: "ran", file }));
      const asked = await Promise.all(devices.map((device) => device.next("input_requested")));
      const [{ turn_id, requests } = { turn_id: "", requests: [] }] = asked;
      const [{ interrupt_id = "" } = {}] = requests;
      const replies = await Promise.all(
        devices.map((device, value) => device.push("respond", { turn_id, responses: [{ interrupt_id, value }] })),
      );
      const winner = replies.findIndex(({ status }) => status === "ok");
      expect(replies[1 - winner]).toMatchObject({ status: "error", response: { reason: "not_found" } });
      for (const device of devices) {
        expect(await device.next("input_answered")).toEqual({ turn_id, interrupt_ids: [interrupt_id] });
        expect((await device.turn(turn_id)).terminal.payload.response).toBe(String(winner));
      }
      expect(linesOf(file)).toEqual(["ran"]);
    }
  });

  it("is refused for unknown turns and questions, and for turns that run or have ended, and changes nothing", async () => {
    await using client = await asking.connect();
    const conversation = await client.join("unknown");
    await conversation.push("message", script({ all: [1, 2], file: asking.file() }, { say: "done" }));
    const { turn_id, requests } = await conversation.next("input_requested");
    const [first, second] = requests.map(({ interrupt_id }) => ({ interrupt_id, value: 1 }));
    const refused = async (payload: object, reason: string) =>
      expect(await conversation.push("respond", payload)).toMatchObject({ status: "error", response: { reason } });
    await refused({ turn_id: "nobody", responses: [first] }, "not_found");
    await refused({ turn_id, responses: [first, { interrupt_id: "nothing", value: 1 }] }, "not_found");
    await refused({ turn_id, responses: [first, first] }, "invalid_payload");
    await refused({ turn_id, responses: [] }, "invalid_payload");
    await refused(
      { turn_id, responses: Array.from({ length: 51 }, (_, i) => ({ interrupt_id: `${i}` })) },
      "invalid_payload",
    );
    await refused({ turn_id, responses: [{ value: 1 }] }, "invalid_payload");
    const other = await client.join("unknown-other");
    expect(await other.push("respond", { turn_id, responses: [first] })).toMatchObject({ status: "error" });
    expect(await conversation.push("respond", { turn_id, responses: [first] })).toMatchObject({ status: "ok" });
    await refused({ turn_id, responses: [first, second] }, "not_found");
    await conversation.push("respond", { turn_id, responses: [second] });
    expect((await conversation.turn(turn_id)).terminal.payload.response).toBe("done");
    await refused({ turn_id, responses: [second] }, "not_found");
  });

  it("hands any JSON value to the graph", async () => {
    await using client = await asking.connect();
    const conversation = await client.join("values");
    for (const value of [
      null,
      false,
      0,
      "",
      [1, { a: [] }],
      { decisions: [{ type: "reject", message: "no \u0000 世界" }] },
    ]) {
      await conversation.push("message", script({ ask: "?" }));
      const { turn_id, requests } = await conversation.next("input_requested");
      const [{ interrupt_id = "" } = {}] = requests;
      await conversation.push("respond", { turn_id, responses: [{ interrupt_id, value }] });
      expect(JSON.parse(String((await conversation.turn(turn_id)).terminal.payload.response))).toEqual(value);
    }
  });

  it("fails a turn that asks for more than fits, and refuses nothing afterwards", async () => {
    await using client = await asking.connect();
    const conversation = await client.join("huge");
    const { content, options } = script({ big: 300_000 });
    const { terminal } = await conversation.ask(content, { options });
    expect(terminal.payload).toMatchObject({ details: { code: "internal" } });
    await conversation.push("message", script({ ask: "small" }));
    expect((await conversation.next("input_requested")).requests).toMatchObject([{ value: "small" }]);
  });
});

describe("what tools and graphs tell", () => {
  it("reaches members as it happens, and those that join in the middle", async () => {
    await using client = await asking.connect();
    const conversation = await client.join("tools");
    const [file, until] = [asking.file(), asking.file()];
    const asked = await conversation.push(
      "message",
      script({ custom: { page: 1 } }, { tool: "first", file, fails: true }, { tool: "second", file, until }),
    );
    const { turn_id } = asked.response;
    expect(await conversation.next("custom")).toEqual({ turn_id, data: { page: 1 } });
    const call = { turn_id, tool_call_id: "call_0" };
    expect(await conversation.next("tool_call")).toEqual({
      ...call,
      tool_name: "first",
      stage: "started",
      input: { at: 1 },
    });
    await conversation.next("tool_call", ({ tool_name, stage }) => tool_name === "second" && stage === "output");

    await using other = await asking.connect();
    const late = await other.join("tools");
    await late.next("tool_call", ({ stage, tool_name }) => stage === "output" && tool_name === "second");
    const told = late.events.filter(({ event }) => event === "tool_call").map(({ payload }) => payload);
    expect(told).toEqual([
      { ...call, tool_name: "first", stage: "started", input: { at: 1 } },
      { ...call, tool_name: "first", stage: "output", delta: "working" },
      { ...call, tool_name: "first", stage: "failed", message: "It did not work." },
      { ...call, tool_name: "second", stage: "started", input: { at: 2 } },
      { ...call, tool_name: "second", stage: "output", delta: "working" },
    ]);
    asking.touch(until);
    for (const device of [conversation, late]) {
      const end = await device.next("tool_call", ({ stage }) => stage === "finished");
      expect(end).toEqual({ ...call, tool_name: "second", stage: "finished", output: "result of second" });
      const { terminal } = await device.turn(turn_id);
      expect(terminal.payload.metadata?.tool_calls).toEqual([
        { tool_call_id: "call_0", tool_name: "first", input: { at: 1 }, message: "It did not work." },
        { tool_call_id: "call_0", tool_name: "second", input: { at: 2 }, output: "result of second" },
      ]);
    }
  });
});
