import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { type EnginesServer, startEngines } from "./engines-server.ts";

const source = `
import { AIMessage, HumanMessage, RemoveMessage } from "@langchain/core/messages";
import { Annotation, END, entrypoint, getPreviousState, MemorySaver, MessagesAnnotation, REMOVE_ALL_MESSAGES, START, StateGraph } from "@langchain/langgraph";

import { model } from "./model.ts";

const chat = model();

const Counting = Annotation.Root({ ...MessagesAnnotation.spec, seen: Annotation({ reducer: (a, b) => a.concat(b), default: () => [] }) });
const count = ({ messages, seen }) => {
  const all = [...seen, messages.at(-1).text];
  return { seen: [messages.at(-1).text], messages: [new AIMessage("Seen: " + all.join(", "))] };
};
export const counting = new StateGraph(Counting).addNode("count", count).addEdge(START, "count").addEdge("count", END)
  .compile({ checkpointer: new MemorySaver() });

export const previous = entrypoint("previous", async ({ messages }) => {
  const before = getPreviousState();
  const turns = (before?.turns ?? 0) + 1;
  return entrypoint.final({ value: { messages: [new AIMessage("Turn " + turns)] }, save: { turns } });
});

const inner = new StateGraph(Counting).addNode("count", count).addEdge(START, "count").addEdge("count", END).compile({ checkpointer: true });
export const lasting = new StateGraph(MessagesAnnotation)
  .addNode("inner", async ({ messages }) => {
    const { seen } = await inner.invoke({ messages: [messages.at(-1)] });
    return { messages: [new AIMessage(seen.length + " inside")] };
  })
  .addEdge(START, "inner").addEdge("inner", END)
  .compile();

/** Forgets all but the last question and says so. */
export const forgetting = new StateGraph(MessagesAnnotation)
  .addNode("forget", ({ messages }) => (messages.length < 5 ? {} : {
    messages: [new RemoveMessage({ id: REMOVE_ALL_MESSAGES }), new HumanMessage("(forgotten)"), messages.at(-1)],
  }))
  .addNode("say", async ({ messages }) => ({ messages: [await chat.invoke(messages)] }))
  .addEdge(START, "forget").addEdge("forget", "say").addEdge("say", END)
  .compile();
`;

const names = "counting previous lasting forgetting".split(" ");

let stock: EnginesServer;
beforeAll(async () => {
  stock = await startEngines(source, names, { prepare: () => ({ MODEL_CONTEXT_TOKENS: "4000" }) });
}, 60_000);

afterAll(() => stock?.[Symbol.asyncDispose]());

beforeEach(() => stock.model.reset());

const join = () => stock.client.join(crypto.randomUUID());
const to = (engine: string) => ({ options: { engine } });
const seen = () => stock.model.requests.at(-1)?.messages.map(({ content }) => content);

describe("what lasts from turn to turn", () => {
  it("state keys of a graph, in place of a saver of its own, and for each conversation", async () => {
    const conversation = await join();
    expect((await conversation.ask("a", to("counting"))).text).toBe("Seen: a");
    expect((await conversation.ask("b", to("counting"))).text).toBe("Seen: a, b");
    expect((await (await join()).ask("c", to("counting"))).text).toBe("Seen: c");
  });

  it("turns of other engines in between change nothing", async () => {
    const conversation = await join();
    await conversation.ask("a", to("counting"));
    await conversation.ask("x", to("simple"));
    expect((await conversation.ask("b", to("counting"))).text).toBe("Seen: a, b");
  });

  it("an edited turn continues from the turn before it, and a new session from nothing", async () => {
    const conversation = await join();
    await conversation.ask("a", to("counting"));
    const { turnId } = await conversation.ask("b", to("counting"));
    await conversation.ask("c", to("counting"));
    const { response } = await conversation.push("edit", { turn_id: turnId, content: "B" });
    expect((await conversation.turn(String(response.turn_id))).text).toBe("Seen: a, B");
    await conversation.push("new_conversation", {});
    expect((await conversation.ask("d", to("counting"))).text).toBe("Seen: d");
  });

  it("the previous of an entrypoint", async () => {
    const conversation = await join();
    expect((await conversation.ask("a", to("previous"))).text).toBe("Turn 1");
    expect((await conversation.ask("b", to("previous"))).text).toBe("Turn 2");
  });

  it("the state of a subgraph that keeps its own", async () => {
    const conversation = await join();
    expect((await conversation.ask("a", to("lasting"))).text).toContain("1 inside");
    expect((await conversation.ask("b", to("lasting"))).text).toContain("2 inside");
  });

  it("a list of messages that the graph rewrote is its memory from there on; other engines have theirs", async () => {
    const conversation = await join();
    for (const question of ["a", "b", "c"]) await conversation.ask(question, to("forgetting"));
    expect(seen()).toEqual(["(forgotten)", "c"]);
    await conversation.ask("x", to("simple"));
    expect(seen()?.slice(1)).toEqual(["a", "Answer to: a", "b", "Answer to: b", "c", "Answer to: c", "x"]);
    await conversation.ask("d", to("forgetting"));
    expect(seen()).toEqual(["(forgotten)", "d"]);
  });

  it("only as many turns as the model has room for", async () => {
    const conversation = await join();
    const long = "long ".repeat(400);
    for (const question of ["a", "b", "c"]) await conversation.ask(`${question} ${long}`, to("forgetting"));
    const sent = stock.model.requests.findLast(({ user }) => user.startsWith("c "))?.messages ?? [];
    expect(sent.slice(-3).map(({ content }) => String(content).slice(0, 2))).toEqual(["b ", "An", "c "]);
    expect(sent.filter(({ content }) => String(content).startsWith("a "))).toEqual([]);
  });

  it("all of it after a restart", async () => {
    const id = crypto.randomUUID();
    await (await stock.client.join(id)).ask("a", to("counting"));
    await stock.restart();
    expect((await (await stock.client.join(id)).ask("b", to("counting"))).text).toBe("Seen: a, b");
  });
});
