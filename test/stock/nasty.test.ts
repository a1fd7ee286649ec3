import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type LangSmithServer, startLangSmithServer } from "../support/langsmith-server.ts";
import { type EnginesServer, startEngines } from "./engines-server.ts";

const source = `
import { appendFileSync } from "node:fs";
import { Annotation, Command, GraphBubbleUp, InMemoryStore, interrupt, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { AIMessage, createAgent, tool, toolCallLimitMiddleware } from "langchain";
import { z } from "zod";

import { model } from "./model.ts";

const schema = z.object({ what: z.string() });
const says = (text) => ({ messages: [new AIMessage(text)] });
const calls = (...names) => () => ({ messages: [new AIMessage({
  content: "", tool_calls: names.map((name) => ({ id: crypto.randomUUID(), name, args: { what: name }, type: "tool_call" })),
})] });
const only = (node) => new StateGraph(MessagesAnnotation).addNode("node", node).addEdge(START, "node").compile();
const after = (plan, tools) => new StateGraph(MessagesAnnotation)
  .addNode("plan", plan).addNode("tools", new ToolNode(tools, { handleToolErrors: false }))
  .addNode("end", ({ messages }) => says(messages.filter((one) => one.getType() === "tool").map((one) => one.text.slice(0, 40)).join(", ")))
  .addEdge(START, "plan").addEdge("plan", "tools").addEdge("tools", "end").compile();

const asks = (name) => tool(({ what }) => {
  const answer = interrupt(what + "?");
  appendFileSync("ran", name + "\\n");
  return name + " " + answer;
}, { name, description: name, schema });
export const parallel = after(calls("left", "middle", "right"), ["left", "middle", "right"].map(asks));

const innermost = only(() => says("You said " + interrupt("Deep?") + "."));
const middle = new StateGraph(MessagesAnnotation).addNode("inner", innermost).addEdge(START, "inner").compile();
export const nested = new StateGraph(MessagesAnnotation)
  .addNode("before", () => { appendFileSync("ran", "before\\n"); return says("Wait."); })
  .addNode("middle", middle).addEdge(START, "before").addEdge("before", "middle").compile();

class Bubble extends GraphBubbleUp {}
export const bubbling = after(calls("bubble"), [tool(() => { throw new Bubble("pop"); }, { name: "bubble", description: "b", schema })]);

export const huge = after(calls("large"), [tool(() => "x".repeat(3_000_000), { name: "large", description: "l", schema })]);
export const endless = only(() => says("words ".repeat(300_000)));
export const deaf = only(() => new Promise(() => {}));
export const late = only(async (_state, { writer }) => {
  setTimeout(() => writer({ late: true }), 30);
  setTimeout(() => model().invoke("late").catch(() => {}), 30);
  return says("I am done.");
});
export const weird = only(() => ({ messages: [
  new AIMessage({ content: [] }),
  new AIMessage({ content: [{ type: "image_url", image_url: "data:," }, { type: "text" }, { type: "text", text: "seen" }] }),
  new AIMessage("half \\ud800 a pair"),
  new AIMessage(""),
] }));

const State = Annotation.Root({ ...MessagesAnnotation.spec, number: Annotation() });
export const unserializable = new StateGraph(State)
  .addNode("count", () => ({ number: 10n })).addNode("say", () => says("Ten."))
  .addEdge(START, "count").addEdge("count", "say").compile();

const any = tool(() => "found", { name: "any", description: "a", schema });
export const limited = createAgent({ model: model(), tools: [any], middleware: [toolCallLimitMiddleware({ runLimit: 1, exitBehavior: "end" })] });
export const citing = after(calls("cite"), [tool(() => ["cited", { sources: [{ title: "A book", url: "https://example.org" }, { no: "title" }] }],
  { name: "cite", description: "c", schema, responseFormat: "content_and_artifact" })]);
export const forgetful = new StateGraph(MessagesAnnotation).addNode("say", () => says("What?")).addEdge(START, "say")
  .compile({ store: new InMemoryStore() });

export const outside = only(async () => says(await first));
const first = model().invoke("Who?").then(() => "answered", (error) => error.message);
`;

const names = [...source.matchAll(/^export const (\w+)/gm)].map(([, name = ""]) => name);

let langsmith: LangSmithServer;

let stock: EnginesServer;
beforeAll(async () => {
  langsmith = await startLangSmithServer();
  const tracing = { LANGSMITH_TRACING: "true", LANGSMITH_ENDPOINT: langsmith.url, LANGSMITH_API_KEY: "key" };
  stock = await startEngines(source, names, { prepare: () => ({ MAX_RUNNING_TURNS: "1", ...tracing }) });
  writeFileSync(join(stock.folder, "ran"), "");
}, 60_000);

afterAll(async () => {
  await stock?.[Symbol.asyncDispose]();
  await langsmith?.[Symbol.asyncDispose]();
});

const conversation = (preferences = {}) => stock.client.join(crypto.randomUUID(), { preferences });
const ran = () => readFileSync(join(stock.folder, "ran"), "utf8").split("\n").filter(Boolean).sort();

async function asked(engine: string) {
  return (await (await conversation()).ask("Go", { options: { engine } })).terminal;
}

/** Asks, answers each question, until the turn ends. */
async function answered(engine: string, answer: (question: unknown) => unknown = () => "yes") {
  const one = await conversation();
  const { turn_id } = (await one.push("message", { content: "Go", options: { engine } })).response;
  const end = one.turn(turn_id, 20_000);
  const questions: unknown[] = [];
  for (;;) {
    const asked = one.next("input_requested").then(({ requests }) => requests);
    const next = await Promise.race([asked, end]);
    if (!Array.isArray(next)) {
      asked.catch(() => {}); // there is no further question
      return { turn_id, questions, terminal: next.terminal };
    }
    questions.push(...next.map(({ value }) => value));
    const responses = next.map(({ interrupt_id, value }) => ({ interrupt_id, value: answer(value) }));
    await one.push("respond", { turn_id, responses });
  }
}

describe("a graph that is not nice", () => {
  it("may ask in tools that run in one node: each runs once, with its own answer", async () => {
    const { questions, terminal } = await answered("parallel", (question) => `to ${question}`);
    expect(questions.sort()).toEqual(["left?", "middle?", "right?"]);
    expect(terminal.payload.response).toBe("left to left?, middle to middle?, right to right?");
    expect(terminal.payload.metadata?.tool_calls).toHaveLength(3);
    expect(ran()).toEqual(["left", "middle", "right"]);
  });

  it("may ask in a subgraph of a subgraph, and no node before it runs again; LangSmith shows no error", async () => {
    writeFileSync(join(stock.folder, "ran"), "");
    const { turn_id, terminal } = await answered("nested");
    expect(terminal.payload.response).toBe("Wait.\n\nYou said yes.");
    expect(ran()).toEqual(["before"]);
    const root = await langsmith.waitForRun((run) => run.id === turn_id && run.end_time !== undefined);
    expect(root).toMatchObject({ outputs: { waiting: true } });
    expect([...langsmith.runs.values()].filter((run) => run.trace_id === turn_id && run.error)).toEqual([]);
  });

  it("fails with internal if a tool throws what LangGraph keeps for itself", async () => {
    expect(await asked("bubbling")).toMatchObject({ event: "error", payload: { details: { code: "internal" } } });
  });

  it("may have a tool with a huge result, and a huge answer, which is cut", { timeout: 60_000 }, async () => {
    expect((await asked("huge")).payload.response).toBe("x".repeat(40));
    const { response = "", metadata } = (await asked("endless")).payload;
    expect(response).toHaveLength(1_048_576);
    expect(metadata).toMatchObject({ truncated: true });
  });

  it("may never end and not hear the signal: stop ends its turn", async () => {
    const one = await conversation();
    const { turn_id } = (await one.push("message", { content: "Go", options: { engine: "deaf" } })).response;
    await one.next("thinking", (payload) => String(payload.stage) === "step_started");
    await one.push("stop", { turn_id });
    expect((await one.turn(turn_id)).terminal.payload.metadata?.stopped).toBe(true);
    expect((await one.ask("Go", { options: { engine: "weird" } })).terminal.event).toBe("response");
  });

  it("is told to be queued if it has its answer, and another turn has the only slot", async () => {
    const [waiting, other] = [await conversation(), await conversation()];
    const { turn_id } = (await waiting.push("message", { content: "Go", options: { engine: "nested" } })).response;
    const { requests } = await waiting.next("input_requested");
    await other.push("message", { content: "Go", options: { engine: "deaf" } });
    await other.next("thinking", (payload) => String(payload.stage) === "step_started");
    const responses = requests.map(({ interrupt_id }) => ({ interrupt_id, value: "yes" }));
    await waiting.push("respond", { turn_id, responses });
    await waiting.next("thinking", (payload) => String(payload.stage) === "queued");
    await other.push("stop", {});
    expect((await waiting.turn(turn_id)).terminal.payload.response).toBe("Wait.\n\nYou said yes.");
    const metrics = await (await fetch(`${stock.server.http}/metrics`)).text();
    expect(metrics).toMatch(/^turns_waiting 0$/m);
    expect(metrics).toMatch(/^turn_wait_seconds_count [1-9]/m);
  });

  it("may write and ask a model after its end: nobody hears of it", async () => {
    const one = await conversation();
    expect((await one.ask("Go", { options: { engine: "late" } })).terminal.payload.response).toBe("I am done.");
    await expect.poll(() => stock.model.requests.length).toBeGreaterThan(0);
    const { terminal } = await one.ask("Go", { options: { engine: "weird" } });
    expect(terminal.payload.response).toBe("seen\n\nhalf \ufffd a pair");
    expect(one.events.filter(({ event }) => event === "custom")).toEqual([]);
  });

  it("may have state that is no JSON", async () => {
    expect((await asked("unserializable")).payload.response).toBe("Ten.");
  });

  it("may be ended by a limit of tool calls, whose words are the answer", async () => {
    const call = { toolCalls: [{ name: "any", args: { what: "x" } }] };
    stock.model.next(call, call);
    const { response } = (await asked("limited")).payload;
    expect(response).toMatch(/limit/i);
  });

  it("may name sources in the artifact of a tool's result", async () => {
    const one = await conversation({ include_sources: true });
    const { terminal } = await one.ask("Go", { options: { engine: "citing" } });
    expect(terminal.payload.metadata?.sources).toEqual([{ title: "A book", url: "https://example.org" }]);
  });

  it("may have a store in memory, and the log warns of it at the start", () => {
    expect(stock.server.output.filter((line) => line.includes('"engines":["forgetful"]'))).toHaveLength(1);
  });

  it("cannot ask model() outside of a turn", async () => {
    expect((await asked("outside")).payload.response).toMatch(/only while a turn runs/);
  });
});
