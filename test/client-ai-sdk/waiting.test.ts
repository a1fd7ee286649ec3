import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Asking, type Step, script, startAsking } from "../stock/asking-engine.ts";
import { type ChatPage, chatPage, textOf } from "./support.ts";

let asking: Asking;
beforeAll(async () => {
  asking = await startAsking();
}, 60_000);
afterAll(() => asking?.[Symbol.asyncDispose]());

const open = (id: string) => chatPage(new URL("/socket", asking.server.http).href.replace("http", "ws"), id);

/** Asks the engine that does what the message says. */
function say(page: ChatPage, ...steps: Step[]) {
  const { content, options } = script(...steps);
  return page.chat.sendMessage({ text: content }, { body: { options } });
}

/** What LangChain's human-in-the-loop middleware asks before it calls a tool. */
function permission(...names: string[]) {
  const actionRequests = names.map((name) => ({ name, args: { path: "/tmp" }, description: `Call ${name}?` }));
  const reviewConfigs = names.map((actionName) => ({ actionName, allowedDecisions: ["approve", "edit", "reject"] }));
  return { ask: { actionRequests, reviewConfigs } };
}

const tools = (page: ChatPage) => (page.last()?.parts ?? []).filter((part) => part.type === "dynamic-tool");
const states = (page: ChatPage) => tools(page).map(({ state }) => state);
const approvals = (page: ChatPage) => tools(page).flatMap(({ approval }) => approval?.id ?? []);
const waits = (page: ChatPage) =>
  expect.poll(() => [page.chat.status, ...states(page)]).toContain("approval-requested");
const text = (page: ChatPage) => textOf(page.last());

describe("useChat, when a tool call needs an approval", () => {
  it("asks with a tool part, and shows the call's result in it once it is approved", async () => {
    await using mine = open(randomUUID());
    await say(mine, { say: "Well. " }, permission("look"), { tool: "look", file: asking.file() }, { say: "Done." });
    await waits(mine);
    expect(mine.chat.status).toBe("ready");
    expect(tools(mine)).toMatchObject([{ toolName: "look", input: { path: "/tmp" }, state: "approval-requested" }]);
    const [id = ""] = approvals(mine);
    await mine.chat.addToolApprovalResponse({ id, approved: true });
    await expect.poll(() => text(mine)).toMatch(/^Well\. .*"approve".*Done\.$/);
    await expect.poll(() => states(mine)).toEqual(["output-available"]);
    await expect
      .poll(() => tools(mine))
      .toMatchObject([{ output: "result of look", approval: { id, approved: true } }]);
    expect(mine.chat.messages).toHaveLength(2);
    await mine.settled();
  });

  it("tells the graph why it was rejected", async () => {
    await using mine = open(randomUUID());
    await say(mine, permission("look"), { say: "Fine." });
    await waits(mine);
    const [id = ""] = approvals(mine);
    await mine.chat.addToolApprovalResponse({ id, approved: false, reason: "Not now" });
    const value = { decisions: [{ type: "reject", message: "Not now" }] };
    await expect.poll(() => text(mine)).toBe(`${JSON.stringify(value)}Fine.`);
    await expect.poll(() => states(mine)).toEqual(["output-denied"]);
    await mine.settled();
  });

  it("sends the decisions about several calls together", async () => {
    await using mine = open(randomUUID());
    await say(mine, permission("look", "leave"));
    await waits(mine);
    const [one = "", two = ""] = approvals(mine);
    await mine.chat.addToolApprovalResponse({ id: one, approved: true });
    await mine.chat.addToolApprovalResponse({ id: two, approved: false });
    await expect.poll(() => text(mine)).toBe('{"decisions":[{"type":"approve"},{"type":"reject"}]}');
  });

  it("asks again later in the same turn, also when the first call was rejected", async () => {
    await using mine = open(randomUUID());
    const again = [permission("look"), { tool: "look", file: asking.file() }];
    await say(mine, permission("look"), ...again, { say: "Done." });
    await waits(mine);
    const [first = ""] = approvals(mine);
    await mine.chat.addToolApprovalResponse({ id: first, approved: false });
    await expect.poll(() => states(mine).at(-1)).toBe("approval-requested");
    await expect.poll(() => mine.chat.status).toBe("ready");
    const second = approvals(mine).at(-1) ?? "";
    expect(second).not.toBe(first);
    await mine.chat.addToolApprovalResponse({ id: second, approved: true });
    await expect.poll(() => text(mine)).toContain("Done.");
    await expect.poll(() => states(mine)).toEqual(["output-denied", "output-available"]);
    await mine.settled();
  });

  it("asks after a reload too; edited arguments go through the conversation, and the answer streams on", async () => {
    const id = randomUUID();
    await using mine = open(id);
    await say(mine, permission("look"), { say: "Done." });
    await waits(mine);
    await using again = open(id);
    await waits(again);
    const [request] = (again.last()?.parts ?? []).filter((part) => part.type === "data-request");
    const { interrupt_id = "" } = request?.data ?? {};
    const decisions = [{ type: "edit", editedAction: { name: "look", args: { path: "/home" } } }];
    const { turn_id = "" } = again.last()?.metadata ?? {};
    await again.conversation.respond(turn_id, [{ interrupt_id, value: { decisions } }]);
    for (const page of [mine, again]) {
      await expect.poll(() => text(page)).toBe(`${JSON.stringify({ decisions })}Done.`);
      await page.settled();
    }
  });

  it("refuses a decision that another device was faster with", async () => {
    const id = randomUUID();
    await using mine = open(id);
    await using other = open(id);
    await say(mine, permission("look"), { say: "Done." });
    await Promise.all([waits(mine), waits(other)]);
    const [approval = ""] = approvals(mine);
    await Promise.all([
      mine.chat.addToolApprovalResponse({ id: approval, approved: true }),
      other.chat.addToolApprovalResponse({ id: approval, approved: false }),
    ]);
    for (const page of [mine, other]) await page.settled();
    expect([...mine.errors, ...other.errors]).toMatchObject([{ name: "ConversationError", code: "not_found" }]);
    expect(text(mine)).toMatch(/^.*"(approve|reject)".*Done\.$/);
    expect(text(other)).toBe(text(mine));
  });
});

it("a tool call is a tool part that streams, also after a reload", async () => {
  const id = randomUUID();
  await using mine = open(id);
  const until = asking.file();
  const asked = say(mine, { tool: "look", file: asking.file(), until });
  await expect.poll(() => tools(mine)).toMatchObject([{ toolName: "look", output: "working", preliminary: true }]);
  asking.touch(until);
  await asked;
  const result = { state: "output-available", input: { at: 0 }, output: "result of look" };
  await expect.poll(() => tools(mine)).toMatchObject([result]);
  await using again = open(id);
  await expect.poll(() => tools(again)).toMatchObject([result]);
});

it("a tool call that failed says why", async () => {
  await using mine = open(randomUUID());
  await say(mine, { tool: "see", file: asking.file(), fails: true });
  const failed = { toolName: "see", state: "output-error", errorText: "It did not work." };
  await expect.poll(() => tools(mine)).toMatchObject([failed]);
});
