import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Conversation } from "../support/client.ts";
import type { EventPayload } from "../support/payload.ts";
import { type Asking, linesOf, script, startAsking } from "./asking-engine.ts";

const turnTimeoutMs = 4_000; // a slow machine takes a second to go on after a restart

let asking: Asking;

beforeAll(async () => {
  asking = await startAsking({ MAX_RUNNING_TURNS_PER_USER: "1", TURN_TIMEOUT_MS: String(turnTimeoutMs) });
});

afterAll(() => asking[Symbol.asyncDispose]());

/** Asks for an answer of these words. */
function says(conversation: Conversation, say: string) {
  const { content, options } = script({ say });
  return conversation.ask(content, { options });
}

describe("a turn that waits for a person", () => {
  it("asks its members, goes on with the answer, and ends with its text before and after", async () => {
    await using client = await asking.connect();
    const conversation = await client.join("plain");
    const { response } = await conversation.push(
      "message",
      script({ say: "I ask: " }, { ask: { really: true } }, { say: "!" }),
    );
    const { turn_id, requests } = await conversation.next("input_requested");
    expect(turn_id).toBe(response.turn_id);
    expect(requests).toEqual([{ interrupt_id: expect.any(String), value: { really: true } }]);
    const [{ interrupt_id = "" } = {}] = requests;
    const { turns } = (await conversation.push("get_history")).response;
    expect(turns).toMatchObject([{ turn_id, status: "waiting" }]);

    const answer = await conversation.push("respond", { turn_id, responses: [{ interrupt_id, value: ["yes"] }] });
    expect(answer).toEqual({ status: "ok", response: { turn_id } });
    const seen = await conversation.turn(turn_id);
    expect(seen.terminal.payload).toMatchObject({ response: 'I ask: ["yes"]!', conversation_type: "asking" });
    expect(seen.text).toBe('I ask: ["yes"]!');
    expect(seen.deltas.some(({ restart }) => restart)).toBe(false);
    const names = seen.events.map(({ event }) => event);
    expect(names.indexOf("input_answered")).toBeGreaterThan(names.indexOf("input_requested"));
  });

  it("holds no slot, takes no time, and the turns behind it stay queued until it ends", async () => {
    await using client = await asking.connect();
    const conversation = await client.join("slots");
    const { response: first } = await conversation.push("message", script({ ask: 1 }));
    await conversation.next("input_requested");
    const { response: second } = await conversation.push("message", script({ say: "second" }));
    expect(second.position).toBe(1);
    const other = await client.join("slots-other"); // the user's only slot is free
    expect((await says(other, "other")).terminal.payload.response).toBe("other");
    const began = performance.now();
    const passed = () => performance.now() - began;
    await expect.poll(passed, { timeout: 3 * turnTimeoutMs, interval: 100 }).toBeGreaterThan(1.5 * turnTimeoutMs);
    const { turns } = (await conversation.push("get_history")).response;
    expect(turns.map(({ status }) => status)).toEqual(["waiting", "queued"]);
    expect(await conversation.push("stop", {})).toMatchObject({ response: { turn_id: first.turn_id, stopped: true } });
    const stopped = await conversation.turn(first.turn_id);
    expect(stopped.terminal.payload).toMatchObject({ response: "", metadata: { stopped: true } });
    expect(stopped.terminal.payload.metadata?.processing_time).toBeLessThan(turnTimeoutMs);
    expect((await conversation.turn(second.turn_id)).terminal.payload.response).toBe("second");
  });

  it("is stopped with what it had said by a message that replaces, an edit or a regenerate", async () => {
    await using client = await asking.connect();
    const conversation = await client.join("replaced");
    const asks = script({ say: "Well. " }, { ask: 1 });
    for (const [event, payload] of [
      ["message", { ...script({ say: "new" }), options: { engine: "asking", when_busy: "replace" } }],
      ["edit", { content: script({ say: "new" }).content }],
      ["regenerate", { options: { engine: "simple" } }],
    ] as const) {
      const { response } = await conversation.push("message", asks);
      await conversation.next("input_requested", ({ turn_id }) => turn_id === response.turn_id);
      const turn_id = event === "message" ? {} : { turn_id: response.turn_id };
      const replacing = await conversation.push(event, { ...turn_id, ...payload });
      expect(replacing.status, event).toBe("ok");
      const { terminal } = await conversation.turn(response.turn_id);
      expect(terminal.payload, event).toMatchObject({ response: "Well. ", metadata: { stopped: true } });
      expect((await conversation.turn(String(replacing.response.turn_id))).terminal.event, event).toBe("response");
    }
  });

  it("ends with its session", async () => {
    await using client = await asking.connect();
    const conversation = await client.join("reset");
    const { response } = await conversation.push("message", script({ ask: 1 }));
    const { turn_id, requests } = await conversation.next("input_requested");
    await conversation.push("new_conversation");
    await conversation.next("conversation_reset");
    const responses = requests.map(({ interrupt_id }) => ({ interrupt_id, value: 1 }));
    const late = await conversation.push("respond", { turn_id, responses });
    expect(late).toMatchObject({ status: "error", response: { reason: "not_found" } });
    expect(conversation.terminals(response.turn_id)).toEqual([]);
    expect((await says(conversation, "next")).terminal.payload.response).toBe("next");
  });

  it("asks again under another id, so that a late answer meets no later question", async () => {
    await using client = await asking.connect();
    const conversation = await client.join("twice");
    await conversation.push("message", script({ twice: ["first?", "second?"] }));
    const first = await conversation.next("input_requested");
    const { turn_id } = first;
    const answer = (interrupt_id = "", value = "") =>
      conversation.push("respond", { turn_id, responses: [{ interrupt_id, value }] });
    await answer(first.requests[0]?.interrupt_id, "one");
    const second = await conversation.next("input_requested");
    expect(second.requests).toMatchObject([{ value: "second?" }]);
    expect(await answer(first.requests[0]?.interrupt_id, "late")).toMatchObject({ response: { reason: "not_found" } });
    await answer(second.requests[0]?.interrupt_id, "two");
    expect((await conversation.turn(turn_id)).terminal.payload.response).toBe('["one","two"]');
  });
});

describe("a turn that waits while the server is killed and started again", () => {
  const files = { look: "", siblings: "", mark: "" };
  const asked: Record<string, EventPayload<"input_requested">> = {};

  beforeAll(async () => {
    for (const name of ["look", "siblings", "mark"] as const) files[name] = asking.file();
    await using client = await asking.connect();
    const scripts = {
      restarted: script({ tool: "look", file: files.look }, { say: "So? " }, { ask: 1 }),
      cursor: script({ say: "Hello" }, { ask: 1 }),
      many: script({ mark: "once", file: files.mark }, { all: ["a", "b", "c"], file: files.siblings }, { say: "done" }),
    };
    for (const [id, message] of Object.entries(scripts)) {
      const conversation = await client.join(id);
      await conversation.push("message", message);
      asked[id] = await conversation.next("input_requested");
      if (id !== "many") continue;
      const { turn_id, requests } = asked[id];
      expect(requests.map(({ value }) => value).sort()).toEqual(["a", "b", "c"]);
      const [one] = requests.map(({ interrupt_id, value }) => ({ interrupt_id, value }));
      await conversation.push("respond", { turn_id, responses: [one] });
      expect(await conversation.next("input_answered")).toEqual({ turn_id, interrupt_ids: [one?.interrupt_id] });
    }
    await client.close();
    await asking.restart();
  });

  it("is the running turn of a member that joins, and is answered from there", async () => {
    const { turn_id = "", requests = [] } = asked.restarted ?? {};
    await using client = await asking.connect();
    const conversation = await client.join("restarted");
    const query = script({ tool: "look", file: "" }).content.slice(0, 10);
    expect(conversation.joins[0]?.running_turn).toMatchObject({ turn_id, offset: "look.So? ".length });
    expect(conversation.joins[0]?.running_turn?.query.slice(0, 10)).toBe(query);
    expect(await conversation.next("response_delta")).toMatchObject({ text: "look.So? ", offset: 0 });
    expect(await conversation.next("tool_call")).toMatchObject({ stage: "started", tool_name: "look" });
    expect(await conversation.next("tool_call")).toMatchObject({ stage: "finished", output: "result of look" });
    expect((await conversation.next("input_requested")).requests).toEqual(requests);
    const responses = requests.map(({ interrupt_id }) => ({ interrupt_id, value: 2 }));
    await conversation.push("respond", { turn_id, responses });
    const { terminal } = await conversation.turn(turn_id);
    expect(terminal).toMatchObject({ event: "response", payload: { response: "look.So? 2" } });
    expect(terminal.payload.metadata?.tool_calls).toMatchObject([{ tool_name: "look", output: "result of look" }]);
  });

  it("is resumed at the cursor of a member that has seen its text", async () => {
    const { turn_id = "", requests = [] } = asked.cursor ?? {};
    await using client = await asking.connect();
    const again = await client.join("cursor", { resume: { turn_id, offset: 5 } });
    expect((await again.next("input_requested")).requests).toEqual(requests);
    const [{ interrupt_id = "" } = {}] = requests;
    await again.push("respond", { turn_id, responses: [{ interrupt_id, value: 7 }] });
    expect(await again.next("response_delta")).toEqual({ turn_id, offset: 5, text: "7" });
    expect(await again.next("response")).toMatchObject({ turn_id, response: "Hello7" });
  });

  it("and asks several questions goes on once all have an answer, and runs no sibling twice", async () => {
    const { turn_id = "", requests = [] } = asked.many ?? {};
    const [, ...others] = requests.map(({ interrupt_id, value }) => ({ interrupt_id, value }));
    await using client = await asking.connect();
    const again = await client.join("many");
    expect((await again.next("input_requested")).requests.map(({ interrupt_id }) => interrupt_id)).toEqual(
      others.map(({ interrupt_id }) => interrupt_id),
    );
    await again.push("respond", { turn_id, responses: others });
    expect((await again.turn(turn_id)).terminal).toMatchObject({ event: "response", payload: { response: "done" } });
    expect(linesOf(files.siblings).sort()).toEqual(['"a"', '"b"', '"c"']);
    expect(linesOf(files.mark)).toEqual(["once"]);
  });
});
