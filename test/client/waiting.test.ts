import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Conversation, Part, TurnState } from "../../packages/client/conversation.ts";
import { withNewest } from "../../packages/client/newest.ts";
import { type Asking, type Step, script, startAsking } from "../stock/asking-engine.ts";
import { tcpProxy } from "../support/tcp-proxy.ts";
import { page } from "./support.ts";

let asking: Asking;
beforeAll(async () => {
  asking = await startAsking();
});
afterAll(() => asking[Symbol.asyncDispose]());

const socketOf = (http: string) => new URL("/socket", http).href.replace("http", "ws");

function open(id: string, at = asking.server.http) {
  const opened = page(socketOf(at), id);
  opened.conversation.store.getSnapshot();
  return opened;
}

function say(conversation: Conversation, ...steps: Step[]) {
  const { content, options } = script(...steps);
  return conversation.ask(content, { options } as Parameters<Conversation["ask"]>[1]);
}

const last = ({ store }: Conversation): TurnState | undefined => store.getSnapshot().turns.at(-1);
const parts = <Type extends Part["type"]>(conversation: Conversation, type: Type) =>
  (last(conversation)?.parts ?? []).filter((part): part is Extract<Part, { type: Type }> => part.type === type);
const requests = (conversation: Conversation) => parts(conversation, "request");
const waits = (conversation: Conversation) => expect.poll(() => last(conversation)?.status).toBe("waiting");
const answers = (conversation: Conversation, value: unknown) =>
  requests(conversation)
    .filter(({ status }) => status === "open")
    .map(({ interrupt_id }) => ({ interrupt_id, value }));

describe("a tool call in the store", () => {
  it("runs, streams and finishes, and is the same after a reload", async () => {
    const id = randomUUID();
    await using mine = open(id);
    const until = asking.file();
    const turn = say(mine.conversation, { tool: "look", file: asking.file(), until }, { say: "Found." });
    const call = { type: "tool", tool_call_id: expect.any(String), tool_name: "look", input: { at: 0 } };
    await expect
      .poll(() => parts(mine.conversation, "tool"))
      .toEqual([{ ...call, status: "running", output: "working" }]);
    asking.touch(until);
    await turn.response;
    const finished = [{ ...call, status: "finished", output: "result of look" }];
    expect(parts(mine.conversation, "tool")).toEqual(finished);
    await using again = open(id);
    await expect.poll(() => parts(again.conversation, "tool")).toEqual(finished);
    expect(last(again.conversation)?.parts.map(({ type }) => type)).toEqual(["tool", "text"]);
  });

  it("that failed says why", async () => {
    await using mine = open(randomUUID());
    await say(mine.conversation, { tool: "look", file: asking.file(), fails: true }).response;
    expect(parts(mine.conversation, "tool")).toMatchObject([{ status: "failed", message: "It did not work." }]);
  });

  it("that was running when the turn was stopped has failed", async () => {
    await using mine = open(randomUUID());
    const until = asking.file();
    const turn = say(mine.conversation, { tool: "look", file: asking.file(), until });
    await expect.poll(() => parts(mine.conversation, "tool")).toHaveLength(1);
    await turn.stop();
    await turn.response;
    asking.touch(until);
    expect(parts(mine.conversation, "tool")).toMatchObject([{ status: "failed" }]);
  });

  it("is not told as running again by a rejoin", async () => {
    const id = randomUUID();
    await using proxy = await tcpProxy(asking.server.http);
    await using mine = open(id, proxy.url);
    say(mine.conversation, { tool: "look", file: asking.file() }, { ask: 1 });
    await waits(mine.conversation);
    const seen = new Set<string>();
    mine.conversation.store.subscribe(() =>
      seen.add(
        parts(mine.conversation, "tool")
          .map(({ status }) => status)
          .join(),
      ),
    );
    proxy.cut();
    await expect.poll(() => mine.named("joined")).toHaveLength(2);
    await mine.conversation.push("typing", { typing: false });
    expect([...seen]).toEqual(["finished"]);
    expect(requests(mine.conversation)).toMatchObject([{ status: "open" }]);
  });
});

describe("a turn that waits in the store", () => {
  it("shows its request on every device, which any of them answers once", async () => {
    const id = randomUUID();
    await using mine = open(id);
    await using other = open(id);
    await other.conversation.joined;
    const turn = say(mine.conversation, { say: "Well. " }, { ask: { really: true } }, { say: "!" });
    await Promise.all([waits(mine.conversation), waits(other.conversation)]);
    const request = { type: "request", interrupt_id: expect.any(String), value: { really: true } };
    expect(requests(other.conversation)).toEqual([{ ...request, status: "open" }]);
    const given = answers(mine.conversation, "yes");
    const turnId = last(mine.conversation)?.turn_id ?? "";
    const [first, second] = await Promise.allSettled([other.conversation.respond(turnId, given), turn.respond(given)]);
    expect([first.status, second.status].sort()).toEqual(["fulfilled", "rejected"]);
    const rejected = [first, second].find(({ status }) => status === "rejected");
    expect(rejected).toMatchObject({ reason: { name: "ConversationError", code: "not_found" } });
    expect((await turn.response).response).toBe('Well. "yes"!');
    for (const { conversation } of [mine, other]) {
      await expect.poll(() => last(conversation)?.status).toBe("completed");
      expect(requests(conversation)).toEqual([{ ...request, status: "answered" }]);
    }
  });

  it("waits until each of its requests has an answer", async () => {
    await using mine = open(randomUUID());
    const turn = say(mine.conversation, { all: ["one?", "two?"], file: asking.file() }, { say: "Both." });
    await waits(mine.conversation);
    const [one, two] = answers(mine.conversation, true);
    if (!one || !two) throw new Error("There are two requests.");
    await turn.respond([one]);
    await expect.poll(() => requests(mine.conversation).map(({ status }) => status)).toEqual(["answered", "open"]);
    expect(last(mine.conversation)?.status).toBe("waiting");
    await turn.respond([two]);
    expect((await turn.response).response).toBe("Both.");
  });

  it("is told in order to whoever iterates over the turn", async () => {
    await using mine = open(randomUUID());
    const turn = say(mine.conversation, { ask: 1 }, { say: "done" });
    const types: string[] = [];
    for await (const event of turn) {
      types.push(event.type);
      if (event.type !== "input_requested") continue;
      await turn.respond(event.requests.map(({ interrupt_id }) => ({ interrupt_id, value: 2 })));
    }
    expect(types.filter((type) => type !== "thinking" && type !== "text")).toEqual([
      "accepted",
      "input_requested",
      "input_answered",
      "response",
    ]);
  });

  it("waits after a reload too, also with turns queued behind it, and closes its request when it is stopped", async () => {
    const id = randomUUID();
    await using mine = open(id);
    say(mine.conversation, { say: "Well. " }, { ask: "Really?" }).response.catch(() => {});
    await waits(mine.conversation);
    await say(mine.conversation, { say: "next" }).accepted;
    await using again = open(id);
    const shown = () => again.conversation.store.getSnapshot().turns.map(({ status, text }) => [status, text]);
    await expect.poll(shown).toEqual([
      ["waiting", "Well. "],
      ["queued", ""],
    ]);
    const [waiting] = again.conversation.store.getSnapshot().turns;
    expect(waiting?.parts.filter(({ type }) => type === "request")).toMatchObject([
      { value: "Really?", status: "open" },
    ]);
    expect(again.conversation.store.getSnapshot().running_turn).toBe(waiting?.turn_id);
    await again.conversation.stop();
    await expect.poll(shown).toEqual([
      ["stopped", "Well. "],
      ["completed", "next"],
    ]);
    const [stopped] = again.conversation.store.getSnapshot().turns;
    expect(stopped?.parts.filter(({ type }) => type === "request")).toMatchObject([{ status: "closed" }]);
  });

  it("that was answered while this device was away goes on here", async () => {
    const id = randomUUID();
    await using proxy = await tcpProxy(asking.server.http);
    await using away = open(id, proxy.url);
    await using mine = open(id);
    const until = asking.file();
    say(away.conversation, { ask: 1 }, { tool: "look", file: asking.file(), until }).response.catch(() => {});
    await Promise.all([waits(away.conversation), waits(mine.conversation)]);
    proxy.stall();
    proxy.cut();
    await mine.conversation.respond(last(mine.conversation)?.turn_id ?? "", answers(mine.conversation, 2));
    await expect.poll(() => last(mine.conversation)?.status).toBe("running");
    proxy.resume();
    await expect.poll(() => last(away.conversation)?.status).toBe("running");
    expect(requests(away.conversation)).toMatchObject([{ status: "answered" }]);
    asking.touch(until);
    await expect.poll(() => last(away.conversation)?.status).toBe("completed");
  });
});

it("custom data is in the store of those who are there", async () => {
  await using mine = open(randomUUID());
  const custom = async () => {
    await say(mine.conversation, { custom: { percent: 50 } }, { say: "Half." }).response;
    return parts(mine.conversation, "custom");
  };
  // It is not sent again, and a busy machine may lose the connection.
  await expect.poll(custom).toEqual([{ type: "custom", data: { percent: 50 } }]);
});

it("of custom data only the newest hundred are kept", () => {
  const custom = (data: number) => ({ type: "custom", data }) as const;
  const text = { type: "text", text: "" } as const;
  const kept = Array.from({ length: 130 }, (_, at) => at).reduce<(typeof text | ReturnType<typeof custom>)[]>(
    (parts, at) => withNewest(parts, custom(at)),
    [text],
  );
  expect(kept).toEqual([text, ...Array.from({ length: 100 }, (_, at) => custom(at + 30))]);
});
