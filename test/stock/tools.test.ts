import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { TurnSeen } from "../support/client.ts";
import { isLong } from "../support/size.ts";
import { type EnginesServer, startEngines } from "./engines-server.ts";

const source = `
import { AIMessage } from "@langchain/core/messages";
import { END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { ToolNode } from "@langchain/langgraph/prebuilt";
import { createAgent, tool } from "langchain";
import { z } from "zod";

import { model } from "./model.ts";

const weather = tool(({ city }) => "Sunny in " + city, {
  name: "weather", description: "The weather of a city.", schema: z.object({ city: z.string() }),
});
const broken = tool(() => { throw new Error("secret path /etc/keys"); }, {
  name: "broken", description: "Never works.", schema: z.object({}),
});
const receipt = tool(() => "Receipt 42", {
  name: "receipt", description: "Prints a receipt.", schema: z.object({}), returnDirect: true,
});
const slow = tool(async function* () { yield "one"; yield "two"; return "all"; }, {
  name: "slow", description: "Streams.", schema: z.object({}),
});
const who = tool((_input, config) => JSON.stringify({ user: config.configurable.user_id, name: config.context.name }), {
  name: "who", description: "Who asks.", schema: z.object({}),
});

export const agent = createAgent({ model: model(), tools: [weather, broken, receipt, slow, who] });

const chat = model().bindTools([weather]);
export const react = new StateGraph(MessagesAnnotation)
  .addNode("agent", async ({ messages }) => ({ messages: [await chat.invoke(messages)] }))
  .addNode("tools", new ToolNode([weather]))
  .addEdge(START, "agent")
  .addConditionalEdges("agent", ({ messages }) => (messages.at(-1).tool_calls?.length ? "tools" : END), ["tools", END])
  .addEdge("tools", "agent")
  .compile();
`;

let stock: EnginesServer;
beforeAll(async () => {
  stock = await startEngines(source, ["agent", "react"]);
}, 60_000);

afterAll(() => stock?.[Symbol.asyncDispose]());

beforeEach(() => {
  stock.model.reset();
  stock.model.answer(() => "Fine.");
});

const join = () => stock.client.join(crypto.randomUUID());
const agent = { options: { engine: "agent" } };
const calls = ({ events }: TurnSeen): Record<string, unknown>[] =>
  events.filter(({ event }) => event === "tool_call").map(({ payload }) => ({ ...payload }));

describe("the tools of a stock graph", () => {
  it.each(["agent", "react"])(
    "%s: a call is told with its input and its result, and the model reads the result",
    async (engine) => {
      stock.model.next(
        { text: "Let me look.", toolCalls: [{ name: "weather", args: { city: "Oslo" }, id: "c1" }] },
        "It is sunny.",
      );
      const turn = await (await join()).ask("Weather in Oslo?", { options: { engine } });
      expect(calls(turn)).toMatchObject([
        { tool_call_id: "c1", tool_name: "weather", stage: "started", input: { city: "Oslo" } },
        { tool_call_id: "c1", tool_name: "weather", stage: "finished", output: "Sunny in Oslo" },
      ]);
      expect(turn.text).toBe("Let me look.\n\nIt is sunny.");
      expect(turn.terminal.payload.metadata).toMatchObject({
        usage: { llm_calls: 2 },
        tool_calls: [{ tool_call_id: "c1", tool_name: "weather", input: { city: "Oslo" }, output: "Sunny in Oslo" }],
      });
      expect(stock.model.requests[0]?.tools.map((tool) => tool.function.name)).toContain("weather");
      expect(stock.model.requests[1]?.messages.at(-1)).toMatchObject({
        role: "tool",
        content: "Sunny in Oslo",
        tool_call_id: "c1",
      });
    },
  );

  it("a tool that throws is told as failed, without its words, and the agent goes on", async () => {
    stock.model.next({ toolCalls: [{ name: "broken", args: {} }] }, "It does not work.");
    const turn = await (await join()).ask("Try", agent);
    expect(calls(turn).at(-1)).toMatchObject({ stage: "failed", message: "The tool failed." });
    expect(JSON.stringify(turn.events)).not.toContain("secret");
    expect(turn.text).toBe("It does not work.");
  });

  it("a graph that ends with the result of a returnDirect tool answers with it", async () => {
    stock.model.next({ toolCalls: [{ name: "receipt", args: {} }] });
    const turn = await (await join()).ask("Receipt, please", agent);
    expect(turn.text).toBe("Receipt 42");
    expect(stock.model.requests).toHaveLength(1);
  });

  it("a tool that streams tells its output", async () => {
    stock.model.next({ toolCalls: [{ name: "slow", args: {} }] }, "Done.");
    const turn = await (await join()).ask("Stream", agent);
    expect(calls(turn).map(({ stage, delta }) => [stage, delta])).toEqual([
      ["started", undefined],
      ["output", "one"],
      ["output", "two"],
      ["finished", undefined],
    ]);
  });

  it("a tool learns who asks, and the conversation's context", async () => {
    const conversation = await join();
    await conversation.push("set_context", { context: { name: "Ada" } });
    stock.model.next({ toolCalls: [{ name: "who", args: {} }] }, "You.");
    expect(calls(await conversation.ask("Who?", agent)).at(-1)).toMatchObject({
      output: JSON.stringify({ user: "user-a", name: "Ada" }),
    });
  });

  it("several calls of one reply are all told", async () => {
    const cities = ["Oslo", "Rome", "Cairo"];
    stock.model.next({ toolCalls: cities.map((city) => ({ name: "weather", args: { city } })) }, "All sunny.");
    const turn = await (await join()).ask("Weather?", agent);
    expect(
      calls(turn)
        .filter(({ stage }) => stage === "finished")
        .map(({ output }) => output)
        .sort(),
    ).toEqual(["Sunny in Cairo", "Sunny in Oslo", "Sunny in Rome"]);
  });
});

describe("what the next turn remembers of tools", () => {
  it("the same engine has the call and its result as messages", async () => {
    const conversation = await join();
    stock.model.next({ toolCalls: [{ name: "weather", args: { city: "Oslo" }, id: "c1" }] }, "It is sunny.");
    await conversation.ask("Weather in Oslo?", agent);
    await conversation.ask("And tomorrow?", agent);
    const messages = stock.model.requests.at(-1)?.messages ?? [];
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant", "user"]);
    expect(messages[1]?.tool_calls?.[0]).toMatchObject({ id: "c1", function: { name: "weather" } });
    expect(messages[2]).toMatchObject({ tool_call_id: "c1", content: "Sunny in Oslo" });
  });

  it("other engines have them as text", async () => {
    const conversation = await join();
    stock.model.next({ toolCalls: [{ name: "weather", args: { city: "Oslo" }, id: "c1" }] }, "It is sunny.");
    await conversation.ask("Weather in Oslo?", agent);
    await conversation.ask("Thanks", { options: { engine: "simple" } });
    const messages = stock.model.requests.at(-1)?.messages ?? [];
    expect(messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user"]);
    expect(messages[2]?.content).toBe('[weather({"city":"Oslo"}) → Sunny in Oslo]\n\nIt is sunny.');
  });

  it("a regenerated turn begins without them", async () => {
    const conversation = await join();
    stock.model.next({ toolCalls: [{ name: "weather", args: { city: "Oslo" }, id: "c1" }] }, "It is sunny.");
    await conversation.ask("Weather in Oslo?", agent);
    const { response } = await conversation.push("regenerate", {});
    await conversation.turn(String(response.turn_id));
    expect(stock.model.requests.at(-1)?.messages.map(({ role }) => role)).toEqual(["user"]);
  });

  it.runIf(isLong)("they are remembered after a restart", async () => {
    const id = crypto.randomUUID();
    const conversation = await stock.client.join(id);
    stock.model.next({ toolCalls: [{ name: "weather", args: { city: "Oslo" }, id: "c1" }] }, "It is sunny.");
    await conversation.ask("Weather in Oslo?", agent);
    await stock.restart();
    await (await stock.client.join(id)).ask("And tomorrow?", agent);
    const roles = stock.model.requests.at(-1)?.messages.map(({ role }) => role);
    expect(roles).toEqual(["user", "assistant", "tool", "assistant", "user"]);
  });
});
