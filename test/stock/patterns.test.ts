import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { TurnSeen } from "../support/client.ts";
import type { ModelRequest, Reply } from "../support/model-server.ts";
import { type EnginesServer, startEngines } from "./engines-server.ts";

/** Patterns of LangGraph's and LangChain's documentation, each an engine by one line. */
const source = `
import { AIMessage, HumanMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
import { Annotation, Command, END, entrypoint, getCurrentTaskInput, interrupt, MessagesAnnotation, Send, START, StateGraph, task } from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { createAgent, tool } from "langchain";
import { z } from "zod";

import { model } from "./model.ts";

const chat = model();
const said = (text) => new SystemMessage(text);

// ReAct
const add = tool(({ a, b }) => String(a + b), { name: "add", description: "Adds.", schema: z.object({ a: z.number(), b: z.number() }) });
export const react = createAgent({ model: chat, tools: [add] });

// Supervisor: a node chooses who works next.
const Route = z.object({ next: z.enum(["researcher", "writer", "end"]) });
export const supervisor = new StateGraph(MessagesAnnotation)
  .addNode("supervisor", async ({ messages }) => {
    const { next } = await chat.withStructuredOutput(Route, { name: "route" }).invoke([said("You are the supervisor."), ...messages]);
    return new Command({ goto: next === "end" ? END : next });
  }, { ends: ["researcher", "writer", END] })
  .addNode("researcher", async ({ messages }) => {
    const reply = await chat.invoke([said("You are the researcher."), ...messages]);
    return new Command({ goto: "supervisor", update: { messages: [new AIMessage({ content: reply.text, name: "researcher" })] } });
  }, { ends: ["supervisor"] })
  .addNode("writer", async ({ messages }) => {
    const reply = await chat.invoke([said("You are the writer."), ...messages]);
    return new Command({ goto: "supervisor", update: { messages: [new AIMessage({ content: reply.text, name: "writer" })] } });
  }, { ends: ["supervisor"] })
  .addEdge(START, "supervisor")
  .compile();

// Swarm: agents hand over to each other by a tool.
const handOff = (to) => tool((_input, config) => {
  const state = getCurrentTaskInput(config);
  const message = new ToolMessage({ content: "You are " + to + " now.", tool_call_id: config.toolCall.id, name: "to_" + to });
  return new Command({ goto: to, graph: Command.PARENT, update: { messages: [...state.messages, message], active: to } });
}, { name: "to_" + to, description: "Hands over to " + to, schema: z.object({}) });
const agentNode = (name, tools) => {
  const bound = chat.bindTools(tools);
  return new StateGraph(MessagesAnnotation)
    .addNode("call", async ({ messages }) => ({ messages: [await bound.invoke([said("You are " + name + "."), ...messages])] }))
    .addNode("tools", new ToolNode(tools))
    .addEdge(START, "call")
    .addConditionalEdges("call", ({ messages }) => (messages.at(-1).tool_calls?.length ? "tools" : END), ["tools", END])
    .addEdge("tools", "call")
    .compile({ name });
};
const SwarmState = Annotation.Root({ ...MessagesAnnotation.spec, active: Annotation({ reducer: (_a, b) => b, default: () => "alice" }) });
export const swarm = new StateGraph(SwarmState)
  .addNode("alice", agentNode("alice", [handOff("bob")]), { ends: ["bob"] })
  .addNode("bob", agentNode("bob", [handOff("alice")]), { ends: ["alice"] })
  .addConditionalEdges(START, ({ active }) => active, ["alice", "bob"])
  .compile();

// Map-reduce with Send
const MapState = Annotation.Root({
  ...MessagesAnnotation.spec,
  subjects: Annotation,
  jokes: Annotation({ reducer: (a, b) => a.concat(b), default: () => [] }),
});
export const mapReduce = new StateGraph(MapState)
  .addNode("plan", () => ({ subjects: ["cats", "dogs", "owls"] }))
  .addNode("joke", async ({ subject }) => {
    const reply = await chat.invoke("Joke about " + subject, { tags: ["nostream"] });
    return { jokes: [reply.text] };
  })
  .addNode("best", async ({ jokes }) => ({ messages: [await chat.invoke("Choose of " + jokes.length)] }))
  .addEdge(START, "plan")
  .addConditionalEdges("plan", ({ subjects }) => subjects.map((subject) => new Send("joke", { subject })), ["joke"])
  .addEdge("joke", "best").addEdge("best", END)
  .compile();

// Plan and execute
const Plan = z.object({ steps: z.array(z.string()) });
const PlanState = Annotation.Root({ ...MessagesAnnotation.spec, steps: Annotation, done: Annotation({ reducer: (a, b) => a.concat(b), default: () => [] }) });
export const planAndExecute = new StateGraph(PlanState)
  .addNode("planner", async ({ messages }) => (await chat.withStructuredOutput(Plan, { name: "plan" }).invoke(messages)))
  .addNode("executor", async ({ steps, done }) => {
    const reply = await chat.invoke("Do " + steps[done.length], { tags: ["nostream"] });
    return { done: [reply.text] };
  })
  .addNode("answer", async ({ done }) => ({ messages: [await chat.invoke("Sum up " + done.length + " results")] }))
  .addEdge(START, "planner").addEdge("planner", "executor")
  .addConditionalEdges("executor", ({ steps, done }) => (done.length < steps.length ? "executor" : "answer"), ["executor", "answer"])
  .addEdge("answer", END)
  .compile();

// Reflection loop: only the last draft is the answer's.
const ReflectState = Annotation.Root({ ...MessagesAnnotation.spec, draft: Annotation, rounds: Annotation({ reducer: (a, b) => a + b, default: () => 0 }) });
export const reflection = new StateGraph(ReflectState)
  .addNode("drafting", async ({ messages, rounds }) => ({ draft: (await chat.invoke([...messages, new HumanMessage("Draft " + rounds)])).text, rounds: 1 }))
  .addNode("critique", async ({ draft }) => { await chat.invoke("Criticize: " + draft); return {}; })
  .addNode("publish", ({ draft }) => ({ messages: [new AIMessage(draft)] }))
  .addEdge(START, "drafting")
  .addConditionalEdges("drafting", ({ rounds }) => (rounds < 2 ? "critique" : "publish"), ["critique", "publish"])
  .addEdge("critique", "drafting").addEdge("publish", END)
  .compile();

// Retrieval
const library = { "beam.md": "The BEAM runs Erlang.", "node.md": "Node runs JavaScript." };
const search = tool(({ query }) => {
  const found = Object.entries(library).filter(([, text]) => text.toLowerCase().includes(query.toLowerCase()));
  return found.map(([name, text]) => name + ": " + text).join("\\n") || "nothing";
}, { name: "search_files", description: "Searches the files.", schema: z.object({ query: z.string() }) });
export const rag = createAgent({ model: chat, tools: [search], systemPrompt: "Answer from the files." });

// Human approval
export const approval = new StateGraph(MessagesAnnotation)
  .addNode("propose", async ({ messages }) => ({ messages: [await chat.invoke(messages)] }))
  .addNode("approve", () => {
    const { approved } = interrupt({ question: "Send it?" });
    return { messages: [new AIMessage(approved ? "Sent." : "Dropped.")] };
  })
  .addEdge(START, "propose").addEdge("propose", "approve").addEdge("approve", END)
  .compile();

// A subgraph with a state of its own
const Private = new StateGraph(Annotation.Root({ topic: Annotation, notes: Annotation }))
  .addNode("note", async ({ topic }) => ({ notes: (await chat.invoke("Note on " + topic, { tags: ["nostream"] })).text }))
  .addEdge(START, "note").addEdge("note", END)
  .compile();
export const privateState = new StateGraph(MessagesAnnotation)
  .addNode("study", async ({ messages }) => {
    const { notes } = await Private.invoke({ topic: messages.at(-1).text });
    return { messages: [new AIMessage("Studied: " + notes)] };
  })
  .addEdge(START, "study").addEdge("study", END)
  .compile();

// The functional API
const write = task("write", async (topic) => (await chat.invoke("Write on " + topic)).text);
export const essay = entrypoint("essay", async ({ messages }) => {
  const text = await write(messages.at(-1).text);
  return { messages: [new AIMessage(text)] };
});
`;

const names = "react supervisor swarm mapReduce planAndExecute reflection rag approval privateState essay".split(" ");

let stock: EnginesServer;
beforeAll(async () => {
  stock = await startEngines(source, {
    ...Object.fromEntries(names.map((name) => [name, `stock(added.${name})`])),
    reflection: `stock(added.reflection, { answer: ["publish"] })`,
  });
}, 60_000);

afterAll(() => stock?.[Symbol.asyncDispose]());

beforeEach(() => stock.model.reset());

/** Asks, and checks what holds for every engine: the streamed text is the response. */
async function ask(engine: string, reply: (request: ModelRequest) => Reply | string | undefined): Promise<TurnSeen> {
  stock.model.answer((request) => reply(request) ?? `Answer to: ${request.user}`);
  const conversation = await stock.client.join(crypto.randomUUID());
  const turn = await conversation.ask("The question", { options: { engine } });
  expect(turn.terminal, stock.server.output.at(-1)).toMatchObject({ event: "response" });
  expect(turn.terminal.payload.response).toBe(turn.text);
  return turn;
}

const finished = ({ events }: TurnSeen) =>
  events.flatMap(({ event, payload }) =>
    event === "tool_call" && String(payload.stage) === "finished" ? [payload] : [],
  );

const isAfterTool = ({ messages }: ModelRequest) => messages.at(-1)?.role === "tool";

describe("documented patterns, each an engine by one line", () => {
  it("a ReAct agent", async () => {
    const turn = await ask("react", (request) =>
      isAfterTool(request) ? "It is 5." : { toolCalls: [{ name: "add", args: { a: 2, b: 3 } }] },
    );
    expect(turn.text).toBe("It is 5.");
    expect(finished(turn)).toMatchObject([{ tool_name: "add", output: "5" }]);
  });

  it("a supervisor of two workers", async () => {
    let round = 0;
    const turn = await ask("supervisor", ({ system }) => {
      if (!system.includes("supervisor")) return system.includes("researcher") ? "Facts." : "A text.";
      round += 1;
      return { json: { next: ["researcher", "writer", "end"][round - 1] } };
    });
    expect(turn.text).toBe("Facts.\n\nA text.");
  });

  it("a swarm whose agents hand over to each other; the next turn begins with the one that was last", async () => {
    const reply = (request: ModelRequest): Reply | string => {
      if (request.system.includes("bob")) return "Bob speaking.";
      return { toolCalls: [{ name: "to_bob", args: {} }] };
    };
    stock.model.answer(reply);
    const conversation = await stock.client.join(crypto.randomUUID());
    const options = { engine: "swarm" };
    expect((await conversation.ask("Bob, please", { options })).text).toBe("Bob speaking.");
    stock.model.reset();
    stock.model.answer(reply);
    expect((await conversation.ask("Still there?", { options })).text).toBe("Bob speaking.");
    expect(stock.model.requests).toHaveLength(1);
  });

  it("map-reduce with Send", async () => {
    expect((await ask("mapReduce", () => undefined)).text).toBe("Answer to: Choose of 3");
    expect(stock.model.requests.filter(({ user }) => user.startsWith("Joke"))).toHaveLength(3);
  });

  it("plan and execute", async () => {
    const turn = await ask("planAndExecute", ({ structured }) =>
      structured ? { json: { steps: ["one", "two"] } } : undefined,
    );
    expect(turn.text).toBe("Answer to: Sum up 2 results");
    const steps = turn.thinking.filter(({ stage }) => stage === "step_started").map(({ step }) => step);
    expect(steps).toEqual(["planner", "executor", "executor 2", "answer"]);
  });

  it("a reflection loop whose drafts are no part of the answer", async () => {
    expect((await ask("reflection", () => undefined)).text).toBe("Answer to: Draft 1");
  });

  it("retrieval over files", async () => {
    const turn = await ask("rag", (request) =>
      isAfterTool(request) ? "Erlang." : { toolCalls: [{ name: "search_files", args: { query: "beam" } }] },
    );
    expect(finished(turn)).toMatchObject([{ output: "beam.md: The BEAM runs Erlang." }]);
    expect(turn.text).toBe("Erlang.");
  });

  it("a human approval", async () => {
    stock.model.answer(() => "A proposal.");
    const conversation = await stock.client.join(crypto.randomUUID());
    const { response } = await conversation.push("message", { content: "Go", options: { engine: "approval" } });
    const turnId = String(response.turn_id);
    const asked: Record<string, unknown> = { ...(await conversation.next("input_requested")) };
    const [request] = asked.requests as { interrupt_id: string }[];
    const answer = { interrupt_id: request?.interrupt_id, value: { approved: true } };
    await conversation.push("respond", { turn_id: turnId, responses: [answer] });
    const turn = await conversation.turn(turnId);
    expect(turn.terminal.payload.response).toBe("A proposal.\n\nSent.");
    expect(stock.model.requests).toHaveLength(1);
  });

  it("a subgraph with a state of its own", async () => {
    expect((await ask("privateState", () => undefined)).text).toBe("Studied: Answer to: Note on The question");
  });

  it("the functional API", async () => {
    expect((await ask("essay", () => undefined)).text).toBe("Answer to: Write on The question");
  });
});
