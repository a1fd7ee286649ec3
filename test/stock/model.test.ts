import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { cutAfter } from "../support/model-server.ts";
import { type EnginesServer, startEngines } from "./engines-server.ts";

const source = `
import { AIMessage } from "@langchain/core/messages";
import { ChatOpenAI } from "@langchain/openai";
import { END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { createAgent, modelFallbackMiddleware, modelCallLimitMiddleware, modelRetryMiddleware, piiMiddleware, summarizationMiddleware, todoListMiddleware, tool, toolCallLimitMiddleware, toolRetryMiddleware } from "langchain";
import { z } from "zod";

import { model } from "./model.ts";

const chat = model({ temperature: 0.9, max_tokens: 500 });

const graphOf = (node) => new StateGraph(MessagesAnnotation).addNode("node", node).addEdge(START, "node").addEdge("node", END).compile();

export const plain = graphOf(async ({ messages }) => ({ messages: [await chat.invoke(messages)] }));

const City = z.object({ name: z.string(), people: z.number() });
const asks = [
  chat.withStructuredOutput(City, { name: "city" }),
  chat.withStructuredOutput(z.toJSONSchema(City), { name: "city", includeRaw: true }),
];
export const structured = graphOf(async ({ messages }) => {
  const [city, { parsed, raw }] = await Promise.all(asks.map((ask) => ask.invoke(messages)));
  return { messages: [new AIMessage([city.name, city.people, parsed.name, raw.constructor.name].join(" "))] };
});

export const streamed = graphOf(async ({ messages }) => {
  const pieces = [];
  for await (const chunk of await chat.stream(messages)) pieces.push(chunk);
  const whole = pieces.slice(1).reduce((sum, piece) => sum.concat(piece), pieces[0]);
  if (pieces.length < 3) throw new Error("not streamed");
  if (!whole.usage_metadata) throw new Error("no usage");
  return { messages: [whole] };
});

export const own = graphOf(async ({ messages }) => {
  const openai = new ChatOpenAI({ model: "gpt-4o-mini", apiKey: "none", maxRetries: 0, configuration: { baseURL: process.env.OPENAI_BASE_URL } });
  return { messages: [await openai.invoke(messages)] };
});

let failures = 0;
const flaky = tool(() => { failures += 1; if (failures % 2 === 1) throw new Error("busy"); return "worked"; }, {
  name: "flaky", description: "Works at the second try.", schema: z.object({}),
});
const agent = (middleware, tools = []) => createAgent({ model: chat, tools, middleware });
export const retried = agent([modelRetryMiddleware({ maxRetries: 1, initialDelayMs: 1, jitter: false })]);
export const fellBack = agent([modelFallbackMiddleware(model({ model: "gpt-4" }))]);
export const pii = agent([piiMiddleware("email", { strategy: "redact" })]);
export const toolRetry = agent([toolRetryMiddleware({ maxRetries: 1, initialDelayMs: 1, jitter: false })], [flaky]);
export const callLimit = agent([modelCallLimitMiddleware({ runLimit: 2, exitBehavior: "end" })], [flaky]);
export const toolLimit = agent([toolCallLimitMiddleware({ runLimit: 1 })], [flaky]);
export const todos = agent([todoListMiddleware()]);
export const summarizing = agent([summarizationMiddleware({ model: chat, trigger: { messages: 5 }, keep: { messages: 2 } })]);
`;

const names =
  "plain structured streamed own retried fellBack pii toolRetry callLimit toolLimit todos summarizing".split(" ");

let stock: EnginesServer;
beforeAll(async () => {
  stock = await startEngines(source, names, {
    model: { jsonSchema: (name) => name !== "old" },
    prepare: () => ({ MODEL: "gpt-4o", MODELS: "gpt-4o,gpt-4,old,spare", FALLBACK_MODELS: "spare" }),
  });
}, 60_000);

afterAll(() => stock?.[Symbol.asyncDispose]());

beforeEach(() => stock.model.reset());

const join = () => stock.client.join(crypto.randomUUID());
const asTold = (engine: string, llm_config: object = {}) => ({ options: { engine }, llm_config });

describe("model()", () => {
  it("has the client's settings before its own", async () => {
    await (await join()).ask("Hi", asTold("plain", { temperature: 0.1 }));
    expect(stock.model.requests[0]?.body).toMatchObject({
      model: "gpt-4o",
      temperature: 0.1,
      max_tokens: 500,
      stream: true,
    });
  });

  it("a model that fails in the middle is followed by a fallback, and the answer starts again", async () => {
    stock.model.nextFor(({ model }) => model === "gpt-4o", cutAfter(2));
    const { text, deltas, terminal } = await (await join()).ask("Hi", asTold("plain"));
    expect(text).toBe("Answer to: Hi");
    expect(deltas.some(({ restart }) => restart)).toBe(true);
    expect(terminal.payload.metadata).toMatchObject({ fallback_model: "spare", model_used: "spare" });
  });

  it("an empty answer is asked for again", async () => {
    stock.model.next({ text: "" }, "Better.");
    expect((await (await join()).ask("Hi", asTold("plain"))).text).toBe("Better.");
    expect(stock.model.requests).toHaveLength(2);
  });

  it("reasoning reaches who asked for it", async () => {
    stock.model.next({ reasoning: ["Let me ", "think."], text: "Thought." });
    const conversation = await stock.client.join(crypto.randomUUID(), { preferences: { include_reasoning: true } });
    const { events, text } = await conversation.ask("Hi", asTold("plain"));
    const thoughts = events.filter(({ event }) => event === "reasoning_delta").map(({ payload }) => payload.text);
    expect(thoughts.join("")).toBe("Let me think.");
    expect(text).toBe("Thought.");
  });

  it.each(["gpt-4o", "old"])(
    "withStructuredOutput works with %s, and its JSON is no part of the answer",
    async (name) => {
      stock.model.answer(() => ({ json: { name: "Oslo", people: 717_710 } }));
      const { text, terminal } = await (await join()).ask("City?", asTold("structured", { model: name }));
      expect(text).toBe("Oslo 717710 Oslo AIMessage");
      expect(terminal.payload.metadata?.usage?.llm_calls).toBe(stock.model.requests.length);
    },
  );

  it("a stream has its pieces and the usage", async () => {
    stock.model.next({ text: "Word by word by word.", chunkDelayMs: 5 });
    const { text, terminal } = await (await join()).ask("Hi there", asTold("streamed"));
    expect(text).toBe("Word by word by word.");
    expect(terminal.payload.metadata?.usage).toMatchObject({ llm_calls: 1 });
  });
});

describe("a model that the graph made itself", () => {
  it("streams, counts and costs", async () => {
    stock.model.next({ text: "My own words.", usage: { input: 1000, output: 100 } });
    const { text, terminal, deltas } = await (await join()).ask("Hi", asTold("own"));
    expect(text).toBe("My own words.");
    expect(deltas.length).toBeGreaterThan(0);
    expect(terminal.payload.metadata).toMatchObject({
      model_used: "gpt-4o-mini",
      usage: { input_tokens: 1000, output_tokens: 100, llm_calls: 1, cost_usd: expect.any(Number) },
    });
  });

  it("its failure has the code of its status", async () => {
    stock.model.next({ status: 429, error: { message: "slow down" } });
    const { terminal } = await (await join()).ask("Hi", asTold("own"));
    expect(terminal).toMatchObject({ event: "error", payload: { details: { code: "model_rate_limited" } } });
  });
});

describe("middleware of langchain", () => {
  it.each(["retried", "fellBack"])(
    "%s: another call follows a failed one, and its text stands alone",
    async (engine) => {
      stock.model.next(cutAfter(2), cutAfter(2));
      const { text } = await (await join()).ask("Hi", asTold(engine));
      expect(text).toBe("Answer to: Hi");
    },
  );

  it("PII is redacted before the model sees it", async () => {
    const { terminal } = await (await join()).ask("I am ada@example.com", asTold("pii"));
    expect(terminal.event).toBe("response");
    expect(stock.model.requests[0]?.user).toContain("[REDACTED_EMAIL]");
  });

  it("a tool is tried again", async () => {
    stock.model.next({ toolCalls: [{ name: "flaky", args: {} }] }, "It worked.");
    expect((await (await join()).ask("Go", asTold("toolRetry"))).text).toBe("It worked.");
    expect(stock.model.requests.at(-1)?.messages.at(-1)?.content).toBe("worked");
  });

  it("a limit of model calls ends the run with its words", async () => {
    stock.model.answer(() => ({ toolCalls: [{ name: "flaky", args: {} }] }));
    const { text } = await (await join()).ask("Go", asTold("callLimit"));
    expect(text).toContain("limit");
    expect(stock.model.requests).toHaveLength(2);
  });

  it("a limit of tool calls is told to the model", async () => {
    const twice = [1, 2].map(() => ({ name: "flaky", args: {} }));
    stock.model.next({ toolCalls: twice }, "Enough.");
    expect((await (await join()).ask("Go", asTold("toolLimit"))).text).toBe("Enough.");
    const results = stock.model.requests[1]?.messages
      .filter(({ role }) => role === "tool")
      .map(({ content }) => content);
    expect(results?.filter((content) => String(content).includes("limit"))).toHaveLength(1);
  });

  it("a todo list lasts for the next turn", async () => {
    const conversation = await join();
    const list = [{ content: "buy milk", status: "pending" }];
    stock.model.next({ toolCalls: [{ name: "write_todos", args: { todos: list } }] }, "Noted.", "Still there.");
    const { text, events } = await conversation.ask("Note: milk", asTold("todos"));
    expect(text).toBe("Noted.");
    expect(events.some(({ event }) => event === "tool_call")).toBe(true);
    expect((await conversation.ask("And?", asTold("todos"))).text).toBe("Still there.");
  });

  it("a summary replaces what it covers for the turns after it", async () => {
    const conversation = await join();
    stock.model.answer(({ messages }) =>
      messages.length === 1 && String(messages[0]?.content).includes("extract") ? "SUMMARY" : "Ok.",
    );
    for (const question of ["One", "Two", "Three", "Four"]) await conversation.ask(question, asTold("summarizing"));
    const last = stock.model.requests.at(-1)?.messages ?? [];
    expect(JSON.stringify(last)).not.toContain('"One"');
    expect(last.length).toBeLessThan(7);
  });
});
