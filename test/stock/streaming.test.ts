import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { gate } from "../support/model-server.ts";
import { type EnginesServer, startEngines } from "./engines-server.ts";

const source = `
import { AIMessage, HumanMessage } from "@langchain/core/messages";
import { Annotation, END, entrypoint, MessagesAnnotation, START, StateGraph, task } from "@langchain/langgraph";
import { createAgent } from "langchain";

import { model } from "./model.ts";

const chat = model();

export const agent = createAgent({ model: chat, tools: [], systemPrompt: "You are an agent." });

/** Two model calls, one after the other. */
export const pair = new StateGraph(MessagesAnnotation)
  .addNode("first", async ({ messages }) => ({ messages: [await chat.invoke([...messages, new HumanMessage("part one")])] }))
  .addNode("second", async ({ messages }) => ({ messages: [await chat.invoke([...messages, new HumanMessage("part two")])] }))
  .addEdge(START, "first").addEdge("first", "second").addEdge("second", END)
  .compile();

/** Two model calls at the same time. */
export const parallel = new StateGraph(MessagesAnnotation)
  .addNode("left", async () => ({ messages: [await chat.invoke("left part")] }))
  .addNode("right", async () => ({ messages: [await chat.invoke("right part")] }))
  .addEdge(START, "left").addEdge(START, "right").addEdge("left", END).addEdge("right", END)
  .compile();

/** A node that thinks aside, and one that returns a message that no model streamed. */
export const quiet = new StateGraph(MessagesAnnotation)
  .addNode("think", async ({ messages }) => {
    const thought = await chat.invoke(messages, { tags: ["nostream"] });
    return { messages: [new AIMessage("Written: " + thought.text)] };
  })
  .addEdge(START, "think").addEdge("think", END)
  .compile();

/** Streams by hand, and returns another object with the same text. */
export const byHand = new StateGraph(MessagesAnnotation)
  .addNode("talk", async ({ messages }) => {
    let text = "";
    for await (const chunk of await chat.stream(messages)) text += chunk.text;
    return { messages: [new AIMessage({ content: text, name: "talker" })] };
  })
  .addEdge(START, "talk").addEdge("talk", END)
  .compile();

const inner = new StateGraph(MessagesAnnotation)
  .addNode("speak", async ({ messages }) => ({ messages: [await chat.invoke(messages)] }))
  .addEdge(START, "speak").addEdge("speak", END)
  .compile();
export const nested = new StateGraph(MessagesAnnotation)
  .addNode("team", inner)
  .addEdge(START, "team").addEdge("team", END)
  .compile();

const saying = task("say", async (messages) => await chat.invoke(messages));
export const functional = entrypoint("functional", async ({ messages }) => {
  const reply = await saying(messages);
  return { messages: [...messages, reply] };
});

export const silent = new StateGraph(MessagesAnnotation)
  .addNode("nothing", () => ({}))
  .addEdge(START, "nothing").addEdge("nothing", END)
  .compile();

export const faulty = new StateGraph(MessagesAnnotation)
  .addNode("break", () => { throw new Error("a secret of the graph"); })
  .addEdge(START, "break").addEdge("break", END)
  .compile();

export const reporting = new StateGraph(MessagesAnnotation)
  .addNode("work", async ({ messages }, { writer }) => {
    writer({ progress: 50 });
    writer("x".repeat(70_000));
    writer(1n);
    return { messages: [new AIMessage("Done.")] };
  })
  .addEdge(START, "work").addEdge("work", END)
  .compile();
`;

const names = ["agent", "pair", "parallel", "quiet", "byHand", "nested", "functional", "silent", "faulty", "reporting"];

let stock: EnginesServer;
beforeAll(async () => {
  stock = await startEngines(source, {
    ...Object.fromEntries(names.map((name) => [name, `stock(added.${name})`])),
    onlySecond: `stock(added.pair, { answer: ["second"] })`,
  });
}, 60_000);

afterAll(() => stock?.[Symbol.asyncDispose]());

beforeEach(() => stock.model.reset());

async function ask(engine: string, content = "Hello?") {
  const conversation = await stock.client.join(crypto.randomUUID());
  return await conversation.ask(content, { options: { engine } });
}

describe("the answer of a stock graph", () => {
  it("an agent streams its model's text; its call counts and costs, and has the turn's settings", async () => {
    const conversation = await stock.client.join(crypto.randomUUID());
    stock.model.next({ text: "I am an agent.", usage: { input: 11, output: 4 }, model: "gpt-4o-mini" });
    const options = { engine: "agent" };
    const { text, terminal, deltas } = await conversation.ask("Who?", { options, llm_config: { temperature: 0.3 } });
    expect(terminal.payload).toMatchObject({
      response: "I am an agent.",
      conversation_type: "agent",
      metadata: { model_used: "gpt-4o-mini", usage: { input_tokens: 11, output_tokens: 4, llm_calls: 1 } },
    });
    expect(terminal.payload.metadata?.cost_usd ?? terminal.payload.metadata?.usage).toBeDefined();
    expect(text).toBe("I am an agent.");
    expect(deltas.length).toBeGreaterThan(0);
    expect(stock.model.requests[0]?.system).toBe("You are an agent.");
    expect(stock.model.requests[0]?.body.temperature).toBe(0.3);
  });

  it("the next turn remembers the last one", async () => {
    const conversation = await stock.client.join(crypto.randomUUID());
    await conversation.ask("One?", { options: { engine: "agent" } });
    await conversation.ask("Two?", { options: { engine: "agent" } });
    const [, ...messages] = stock.model.requests[1]?.messages ?? [];
    expect(messages.map(({ content }) => content)).toEqual(["One?", "Answer to: One?", "Two?"]);
  });

  it("texts are joined by a blank line in the order in which they began", async () => {
    const { text, terminal, thinking } = await ask("pair");
    expect(text).toBe("Answer to: part one\n\nAnswer to: part two");
    expect(terminal.payload.response).toBe(text);
    const steps = thinking.filter(({ stage }) => stage === "step_started").map(({ step }) => step);
    expect(steps).toEqual(["first", "second"]);
  });

  it("a text that runs beside an earlier one is held until that one ends", async () => {
    const held = gate();
    stock.model.nextFor(({ user }) => user === "left part", { text: "left is slow", gate: held });
    const conversation = await stock.client.join(crypto.randomUUID());
    const { response } = await conversation.push("message", { content: "Both", options: { engine: "parallel" } });
    await stock.model.waitForRequest(({ user }) => user === "right part").then(({ closed }) => closed);
    held.open();
    const { text } = await conversation.turn(String(response.turn_id));
    expect(text).toBe("left is slow\n\nAnswer to: right part");
  });

  it("a message that no model streamed is part of the answer, a call with nostream is not", async () => {
    expect((await ask("quiet")).text).toBe("Written: Answer to: Hello?");
  });

  it("a text that a node streamed and returned as another message is there once", async () => {
    expect((await ask("byHand")).text).toBe("Answer to: Hello?");
  });

  it("a subgraph speaks too, and its steps are named with the node around them", async () => {
    const { text, thinking } = await ask("nested");
    expect(text).toBe("Answer to: Hello?");
    const steps = thinking.filter(({ stage }) => stage === "step_finished").map(({ step }) => step);
    expect(steps).toEqual(["team/speak", "team"]);
  });

  it("an entrypoint of the functional API answers", async () => {
    expect((await ask("functional")).text).toBe("Answer to: Hello?");
  });

  it("an answer can be limited to nodes; what others say is the detail of their step", async () => {
    const { text, thinking } = await ask("onlySecond");
    expect(text).toBe("Answer to: part two");
    const first = thinking.find(({ stage, step }) => stage === "step_finished" && step === "first");
    expect(first).toMatchObject({ detail: "Answer to: part one" });
  });
});

describe("what a graph writes", () => {
  it("reaches clients as custom data, but not what is too long or no JSON", async () => {
    const { events, terminal } = await ask("reporting");
    const custom = events.filter(({ event }) => event === "custom").map(({ payload }) => ({ ...payload }));
    expect(custom).toEqual([{ turn_id: terminal.payload.turn_id, data: { progress: 50 } }]);
    expect(terminal.payload.metadata?.warnings).toHaveLength(2);
  });
});

describe("a stock graph that fails", () => {
  it("a graph that says nothing fails its turn with internal, and the log names the engine", async () => {
    const { terminal } = await ask("silent");
    expect(terminal).toMatchObject({ event: "error", payload: { details: { code: "internal" } } });
    await expect.poll(() => stock.server.output.join("\n")).toContain("silent");
  });

  it("a graph whose node throws fails its turn with internal, and its words reach nobody", async () => {
    const { terminal } = await ask("faulty");
    expect(terminal).toMatchObject({ event: "error", payload: { details: { code: "internal" } } });
    expect(JSON.stringify(terminal)).not.toContain("secret");
  });

  it("a failure of the model has its code", async () => {
    stock.model.answer(() => ({ status: 401, error: { message: "no" } }));
    const { terminal } = await ask("agent");
    expect(terminal).toMatchObject({ event: "error", payload: { details: { code: "model_unavailable" } } });
  });
});

describe("a stock graph that is stopped", () => {
  it("a stop ends the model's request and keeps the text", async () => {
    const held = gate();
    stock.model.next({ text: "one two three", gate: held });
    const conversation = await stock.client.join(crypto.randomUUID());
    const { response } = await conversation.push("message", { content: "Go", options: { engine: "agent" } });
    held.release(2);
    await conversation.next("response_delta", ({ text }) => text.includes("two"));
    const before = performance.now();
    await conversation.push("stop", {});
    const { terminal } = await conversation.turn(String(response.turn_id));
    expect(performance.now() - before).toBeLessThan(250);
    expect(terminal.payload.response).toBe("one two");
    await stock.model.requests[0]?.closed;
    expect(stock.model.requests[0]?.closedByClientAt).toBeDefined();
    expect((await conversation.ask("Next", { options: { engine: "agent" } })).text).toBe("Answer to: Next");
  });
});
