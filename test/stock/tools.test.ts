import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { Client, TurnSeen } from "../support/client.ts";
import { type ModelServer, startModelServer } from "../support/model-server.ts";
import { type SpawnedServer, spawnServer } from "../support/spawned.ts";
import { type ProjectWithEngines, projectWith } from "./engines.ts";

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

let project: ProjectWithEngines;
let model: ModelServer;
let server: SpawnedServer;
let client: Client;

beforeAll(async () => {
  project = projectWith(source, { agent: "stock(added.agent)", react: "stock(added.react)" });
  model = await startModelServer();
  const env = { OPENAI_BASE_URL: model.url, DATABASE_URL: `sqlite:${project.folder}/data/test.db`, LOG_LEVEL: "warn" };
  server = await spawnServer(env, project.folder);
  client = await server.connect();
}, 60_000);

afterAll(async () => {
  await client?.close();
  await server?.[Symbol.asyncDispose]();
  await model?.close();
  project?.[Symbol.dispose]();
});

beforeEach(() => {
  model.reset();
  model.answer(() => "Fine.");
});

const join = () => client.join(crypto.randomUUID());
const agent = { options: { engine: "agent" } };
const calls = ({ events }: TurnSeen): Record<string, unknown>[] =>
  events.filter(({ event }) => event === "tool_call").map(({ payload }) => ({ ...payload }));

describe("the tools of a stock graph", () => {
  it.each(["agent", "react"])(
    "%s: a call is told with its input and its result, and the model reads the result",
    async (engine) => {
      model.next(
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
      expect(model.requests[0]?.tools.map((tool) => tool.function.name)).toContain("weather");
      expect(model.requests[1]?.messages.at(-1)).toMatchObject({
        role: "tool",
        content: "Sunny in Oslo",
        tool_call_id: "c1",
      });
    },
  );

  it("a tool that throws is told as failed, without its words, and the agent goes on", async () => {
    model.next({ toolCalls: [{ name: "broken", args: {} }] }, "It does not work.");
    const turn = await (await join()).ask("Try", agent);
    expect(calls(turn).at(-1)).toMatchObject({ stage: "failed", message: "The tool failed." });
    expect(JSON.stringify(turn.events)).not.toContain("secret");
    expect(turn.text).toBe("It does not work.");
  });

  it("a graph that ends with the result of a returnDirect tool answers with it", async () => {
    model.next({ toolCalls: [{ name: "receipt", args: {} }] });
    const turn = await (await join()).ask("Receipt, please", agent);
    expect(turn.text).toBe("Receipt 42");
    expect(model.requests).toHaveLength(1);
  });

  it("a tool that streams tells its output", async () => {
    model.next({ toolCalls: [{ name: "slow", args: {} }] }, "Done.");
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
    model.next({ toolCalls: [{ name: "who", args: {} }] }, "You.");
    expect(calls(await conversation.ask("Who?", agent)).at(-1)).toMatchObject({
      output: JSON.stringify({ user: "user-a", name: "Ada" }),
    });
  });

  it("several calls of one reply are all told", async () => {
    const cities = ["Oslo", "Rome", "Cairo"];
    model.next({ toolCalls: cities.map((city) => ({ name: "weather", args: { city } })) }, "All sunny.");
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
    model.next({ toolCalls: [{ name: "weather", args: { city: "Oslo" }, id: "c1" }] }, "It is sunny.");
    await conversation.ask("Weather in Oslo?", agent);
    await conversation.ask("And tomorrow?", agent);
    const messages = model.requests.at(-1)?.messages ?? [];
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant", "user"]);
    expect(messages[1]?.tool_calls?.[0]).toMatchObject({ id: "c1", function: { name: "weather" } });
    expect(messages[2]).toMatchObject({ tool_call_id: "c1", content: "Sunny in Oslo" });
  });

  it("other engines have them as text", async () => {
    const conversation = await join();
    model.next({ toolCalls: [{ name: "weather", args: { city: "Oslo" }, id: "c1" }] }, "It is sunny.");
    await conversation.ask("Weather in Oslo?", agent);
    await conversation.ask("Thanks", { options: { engine: "simple" } });
    const messages = model.requests.at(-1)?.messages ?? [];
    expect(messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user"]);
    expect(messages[2]?.content).toBe('[weather({"city":"Oslo"}) → Sunny in Oslo]\n\nIt is sunny.');
  });

  it("a regenerated turn begins without them", async () => {
    const conversation = await join();
    model.next({ toolCalls: [{ name: "weather", args: { city: "Oslo" }, id: "c1" }] }, "It is sunny.");
    await conversation.ask("Weather in Oslo?", agent);
    const { response } = await conversation.push("regenerate", {});
    await conversation.turn(String(response.turn_id));
    expect(model.requests.at(-1)?.messages.map(({ role }) => role)).toEqual(["user"]);
  });

  it("they are remembered after a restart", async () => {
    const id = crypto.randomUUID();
    const conversation = await client.join(id);
    model.next({ toolCalls: [{ name: "weather", args: { city: "Oslo" }, id: "c1" }] }, "It is sunny.");
    await conversation.ask("Weather in Oslo?", agent);
    await client.close();
    await server.end("SIGTERM");
    const env = {
      OPENAI_BASE_URL: model.url,
      DATABASE_URL: `sqlite:${project.folder}/data/test.db`,
      LOG_LEVEL: "warn",
    };
    server = await spawnServer(env, project.folder);
    client = await server.connect();
    await (await client.join(id)).ask("And tomorrow?", agent);
    const roles = model.requests.at(-1)?.messages.map(({ role }) => role);
    expect(roles).toEqual(["user", "assistant", "tool", "assistant", "user"]);
  });
});
