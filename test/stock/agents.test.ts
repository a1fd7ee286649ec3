import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { Conversation } from "../support/client.ts";
import type { ModelRequest } from "../support/model-server.ts";
import { isLong } from "../support/size.ts";
import { type EnginesServer, startEngines } from "./engines-server.ts";

const source = `
import { appendFileSync, existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { createAgent, humanInTheLoopMiddleware, tool } from "langchain";
import { z } from "zod";

import { model } from "./model.ts";

/** Notes that it runs; "slow" ones end when the file "go" is there. */
const noting = (name, metadata, isSlow = false) => tool(async ({ what }) => {
  appendFileSync("ran", name + " " + what + "\\n");
  while (isSlow && !existsSync("go")) await sleep(10);
  return name + " of " + what;
}, { name, description: name, schema: z.object({ what: z.string() }), metadata });

const tools = [noting("quick"), noting("slow", { repeatable: true }, true), noting("pay", undefined, true)];
export const agent = createAgent({ model: model(), tools });

const chat = model().bindTools(tools);
export const react = new StateGraph(MessagesAnnotation)
  .addNode("agent", async ({ messages }) => ({ messages: [await chat.invoke(messages)] }))
  .addNode("tools", new ToolNode(tools))
  .addEdge(START, "agent")
  .addConditionalEdges("agent", ({ messages }) => (messages.at(-1).tool_calls?.length ? "tools" : END), ["tools", END])
  .addEdge("tools", "agent")
  .compile();

export const careful = createAgent({
  model: model(),
  tools,
  middleware: [humanInTheLoopMiddleware({ interruptOn: { quick: { allowedDecisions: ["approve", "edit", "reject"] } } })],
});
`;

let stock: EnginesServer;
beforeAll(async () => {
  stock = await startEngines(source, ["agent", "react", "careful"]);
}, 60_000);

afterAll(() => stock?.[Symbol.asyncDispose]());

const isAfterTool = ({ messages }: ModelRequest) => messages.at(-1)?.role === "tool";

beforeEach(() => {
  stock.model.reset();
  stock.model.answer((request) => (isAfterTool(request) ? "All done." : "Hello."));
  writeFileSync(join(stock.folder, "ran"), "");
});

const ran = () => readFileSync(join(stock.folder, "ran"), "utf8").trim().split("\n").sort();
const go = () => appendFileSync(join(stock.folder, "go"), "");
const calling = (...names: string[]) => ({
  text: "Now.",
  toolCalls: names.map((name, index) => ({ name, args: { what: name }, id: `call_${index}` })),
});

async function killed(): Promise<void> {
  await stock.restart("SIGKILL");
}

describe.each(isLong ? ["agent", "react"] : ["agent"])("%s: a process that is killed while tools run", (engine) => {
  beforeEach(() => rmSync(join(stock.folder, "go"), { force: true }));

  it("runs the finished one not again, and the repeatable one again", async () => {
    stock.model.next(calling("quick", "slow"));
    const id = crypto.randomUUID();
    const conversation = await stock.client.join(id);
    const { response } = await conversation.push("message", { content: "Go", options: { engine } });
    await conversation.next("tool_call", (payload) => String(payload.stage) === "finished");
    await expect.poll(ran).toEqual(["quick quick", "slow slow"]);
    await killed();
    await expect.poll(ran).toEqual(["quick quick", "slow slow", "slow slow"]);
    go();
    const { terminal } = await (await stock.client.join(id)).turn(String(response.turn_id));
    expect(terminal.payload.response).toBe("Now.\n\nAll done.");
    expect(stock.model.requests).toHaveLength(2);
    const results = stock.model.requests[1]?.messages
      .filter(({ role }) => role === "tool")
      .map(({ content }) => content);
    expect(results?.sort()).toEqual(["quick of quick", "slow of slow"]);
  });

  it("ends the turn with interrupted if one that ran must not run again", async () => {
    stock.model.next(calling("pay"));
    const id = crypto.randomUUID();
    const { response } = await (await stock.client.join(id)).push("message", { content: "Pay", options: { engine } });
    await expect.poll(ran).toEqual(["pay pay"]);
    await killed();
    const conversation = await stock.client.join(id);
    const { terminal } = await conversation.turn(String(response.turn_id));
    expect(terminal).toMatchObject({ event: "error", payload: { details: { code: "interrupted" } } });
    expect(ran()).toEqual(["pay pay"]);
    expect((await conversation.ask("Hi", { options: { engine } })).text).toBe("Hello.");
  });

  it("runs each call, also if the model server gives all of them the same id", async () => {
    const conversation = await stock.client.join(crypto.randomUUID());
    stock.model.next(calling("quick"), calling("quick"));
    await conversation.ask("Go", { options: { engine } });
    expect(ran()).toEqual(["quick quick", "quick quick"]);
    stock.model.next(calling("quick"));
    const { terminal } = await conversation.ask("Again", { options: { engine } });
    expect(terminal.payload.response).toBe("Now.\n\nAll done.");
    expect(ran()).toHaveLength(3);
  });

  it("stops within 250 ms while a tool runs", async () => {
    stock.model.next(calling("pay"));
    const conversation = await stock.client.join(crypto.randomUUID());
    const { response } = await conversation.push("message", { content: "Pay", options: { engine } });
    await expect.poll(ran).toEqual(["pay pay"]);
    const before = performance.now();
    await conversation.push("stop", {});
    const { terminal } = await conversation.turn(String(response.turn_id));
    expect(performance.now() - before).toBeLessThan(250);
    expect(terminal.payload).toMatchObject({ response: "Now.", metadata: { stopped: true } });
    expect((await conversation.ask("Hi", { options: { engine } })).text).toBe("Hello.");
    go();
  });
});

describe("langchain's human-in-the-loop middleware", () => {
  const asking = async (conversation: Conversation) => {
    stock.model.next(calling("quick"));
    const { response } = await conversation.push("message", { content: "Go", options: { engine: "careful" } });
    const { turn_id, requests } = await conversation.next("input_requested");
    expect(turn_id).toBe(response.turn_id);
    expect(requests).toMatchObject([{ value: { actionRequests: [{ name: "quick", args: { what: "quick" } }] } }]);
    const answer = (decision: object) => ({
      turn_id,
      responses: requests.map(({ interrupt_id }) => ({ interrupt_id, value: { decisions: [decision] } })),
    });
    return { turnId: turn_id, answer };
  };

  it("an approved call runs once", async () => {
    const conversation = await stock.client.join(crypto.randomUUID());
    const { turnId, answer } = await asking(conversation);
    expect(ran()).toEqual([""]);
    await conversation.push("respond", answer({ type: "approve" }));
    expect((await conversation.turn(turnId)).terminal.payload.response).toBe("Now.\n\nAll done.");
    expect(ran()).toEqual(["quick quick"]);
  });

  it("a rejected call never runs, and the model hears why", async () => {
    const conversation = await stock.client.join(crypto.randomUUID());
    const { turnId, answer } = await asking(conversation);
    await killed();
    const again = await stock.client.join(conversation.topic);
    await again.push("respond", answer({ type: "reject", message: "Too dear" }));
    expect((await again.turn(turnId)).terminal.payload.response).toBe("Now.\n\nAll done.");
    expect(ran()).toEqual([""]);
    expect(stock.model.requests.at(-1)?.messages.at(-1)?.content).toContain("Too dear");
  });

  it("an edited call runs with the person's arguments", async () => {
    const conversation = await stock.client.join(crypto.randomUUID());
    const { turnId, answer } = await asking(conversation);
    const editedAction = { name: "quick", args: { what: "edited" } };
    await conversation.push("respond", answer({ type: "edit", editedAction }));
    await conversation.turn(turnId);
    expect(ran()).toEqual(["quick edited"]);
  });
});
