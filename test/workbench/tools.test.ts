import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { type EnginesServer, startEngines } from "../stock/engines-server.ts";
import type { Conversation, Payload } from "../support/client.ts";
import { unlimited } from "../support/start.ts";
import { toolEngines } from "./tool-engines.ts";

let conversation: Conversation;
let bench: Conversation;

let stock: EnginesServer;
beforeAll(async () => {
  const odd = { command: process.execPath, args: [new URL("../mcp/odd-server.ts", import.meta.url).pathname] };
  const prepare = (folder: string) => {
    const MCP_SERVERS = join(folder, "mcp.json");
    writeFileSync(MCP_SERVERS, JSON.stringify({ mcpServers: { odd, gone: { command: "/no/such/program" } } }));
    return { WORKBENCH: "1", MCP_SERVERS, ...unlimited };
  };
  stock = await startEngines(toolEngines.source, toolEngines.graphs, { prepare });
}, 60_000);

afterAll(() => stock?.[Symbol.asyncDispose]());

beforeEach(async () => {
  stock.model.reset();
  stock.model.answer(() => "Fine.");
  const id = crypto.randomUUID();
  conversation = await stock.client.join(id);
  bench = await stock.client.join(`workbench:${id}`);
});

const by = (engine: string) => ({ options: { engine } });
const calling = (name: string, args: object, id = "c1") => ({ toolCalls: [{ name, args, id }] });
const recordOf = async (turnId: string): Promise<Payload> =>
  (await bench.push("get_turn", { turn_id: turnId })).response;

/** How many tools have run. */
function ran(): number {
  try {
    return readFileSync(join(stock.folder, "ran"), "utf8").split("\n").length - 1;
  } catch {
    return 0;
  }
}

async function replay(turnId: string, changes: object = {}) {
  const { status, response } = await bench.push("replay", { turn_id: turnId, ...changes });
  if (status !== "ok") throw new Error(JSON.stringify(response));
  const isIt = (payload: Payload) => payload.replay_id === response.replay_id;
  return await Promise.race([bench.next("replay_finished", isIt, 10_000), bench.next("replay_failed", isIt, 10_000)]);
}

/** Replays a turn unchanged, and returns the requests that were sent then and now. */
async function requestsAgain(turnId: string, sent: string[]) {
  const before = stock.model.requests.length;
  const result = await replay(turnId);
  return { result, sent, again: stock.model.requests.slice(before).map(({ rawBody }) => rawBody) };
}

/** Asks, and notes the requests. */
async function ask(content: string, engine: string) {
  const before = stock.model.requests.length;
  const turn = await conversation.ask(content, by(engine));
  return { turn, sent: stock.model.requests.slice(before).map(({ rawBody }) => rawBody) };
}

describe("the graph of a stock engine", () => {
  it("is the graph itself, with the nodes of its subgraphs", () => {
    const { graphs } = bench.joins[0] as Payload;
    const named = (name: string) => graphs.find((graph) => graph.name === name);
    expect(named("agent")).toMatchObject({ is_stock: true, nodes: ["__start__", "model_request", "tools", "__end__"] });
    expect(named("agent")?.mermaid).toContain("model_request -.-> tools");
    expect(named("team")?.nodes).toEqual(expect.arrayContaining(["front:model_request", "expert:tools"]));
    expect(named("flow")).toMatchObject({ nodes: ["__start__", "flow", "__end__"] });
    expect(named("simple")).toMatchObject({ is_stock: false });
  });

  it("tells what went in and out of its nodes, under the name of the engine, live and later", async () => {
    stock.model.next(calling("weather", { city: "Oslo" }), "It is sunny.");
    const { turnId } = await conversation.ask("Weather in Oslo?", by("agent"));
    const { runs } = await recordOf(turnId);
    const paths = (name: string) => runs.filter(({ event }) => event === name).map(({ path }) => path.join("/"));
    expect(paths("node_started")).toEqual([
      "router",
      "agent",
      "agent/model_request",
      "agent/tools",
      "agent/model_request",
    ]);
    expect(paths("call_finished")).toEqual(["agent/model_request", "agent/model_request"]);
    const output = runs.find(({ event, path }) => event === "node_finished" && path[1] === "model_request");
    expect(JSON.stringify(output)).toContain('"tool_calls":[{"id":"c1","name":"weather","args":{"city":"Oslo"}}]');
    const [started] = runs.filter(({ event }) => event === "tool_started");
    expect(started).toMatchObject({ path: ["agent", "tools"], tool_name: "weather", input: { city: "Oslo" } });
    const finished = runs.find(({ event }) => event === "tool_finished");
    expect(finished).toMatchObject({ output: "Sunny in Oslo", ms: expect.any(Number) });
    const live = bench.events.filter(({ event }) => event.startsWith("tool_"));
    expect(live.map(({ event }) => event)).toEqual(["tool_started", "tool_finished"]);
  });

  it("names the nodes of a subgraph with those around them", async () => {
    stock.model.next(calling("hand_off", {}), "I am the expert.");
    const { turnId } = await conversation.ask("Help", by("team"));
    const { runs } = await recordOf(turnId);
    const started = runs.filter(({ event }) => event === "node_started").map(({ path }) => path.join("/"));
    expect(started).toEqual(expect.arrayContaining(["team/front/tools", "team/expert", "team/expert/model_request"]));
  });
});

it("the MCP servers of the settings are listed with their tools, also one that does not answer", async () => {
  const listed = async () => (await bench.push("get_mcp_servers")).response.servers;
  await expect.poll(listed, { timeout: 10_000 }).toEqual([
    {
      name: "odd",
      state: "connected",
      tools: expect.arrayContaining([{ name: "double", description: "Doubles." }]),
    },
    { name: "gone", state: "down", tools: [] },
  ]);
});

it("the tasks of an entrypoint are told with it", async () => {
  const { turnId } = await conversation.ask("Write", by("flow"));
  const { runs } = await recordOf(turnId);
  const started = runs.filter(({ event }) => event === "node_started").map(({ path }) => path.join("/"));
  expect(started).toEqual(["router", "flow", "flow/flow", "flow/flow/write"]);
});

describe("the record of a turn", () => {
  it("has its tool calls, with what went in and out, how long they took, and which failed", async () => {
    stock.model.next(calling("weather", { city: "Oslo" }, "c1"), calling("broken", {}, "c2"), "Done.");
    const { turnId } = await conversation.ask("Try both", by("agent"));
    const { tool_calls } = await recordOf(turnId);
    expect(tool_calls).toEqual([
      {
        tool_call_id: "c1",
        tool_name: "weather",
        path: ["tools"],
        state: "finished",
        input: { city: "Oslo" },
        output: "Sunny in Oslo",
        at: expect.stringMatching(/Z$/),
        ms: expect.any(Number),
        is_kept: true,
      },
      expect.objectContaining({ tool_name: "broken", state: "failed", message: "The tool failed.", is_kept: true }),
    ]);
  });

  it("has what was asked and answered while the turn waited, and how long", async () => {
    stock.model.next(calling("ask", { question: "Which city?" }), "Thanks.");
    const { response } = await conversation.push("message", { content: "Weather?", ...by("agent") });
    const { requests } = await conversation.next("input_requested");
    const { turn_id } = response;
    const open = { questions: [{ value: { question: "Which city?" } }], at: expect.any(String), ms: null };
    expect((await recordOf(turn_id)).waits).toMatchObject([open]);
    const { runs } = await recordOf(turn_id);
    expect(runs.find(({ event }) => event === "tool_finished")).toMatchObject({ waits: true });
    const [{ interrupt_id } = { interrupt_id: "" }] = requests;
    await conversation.push("respond", { turn_id, responses: [{ interrupt_id, value: "Rome" }] });
    await conversation.turn(turn_id);
    const { waits, tool_calls } = await recordOf(turn_id);
    expect(waits).toMatchObject([{ questions: [{ answer: { value: "Rome" } }], ms: expect.any(Number) }]);
    expect(tool_calls).toMatchObject([{ tool_name: "ask", state: "finished", output: "They said Rome" }]);
  });
});

describe("a replay of a turn with tools", () => {
  it("sends the same requests and runs no tool, also of failed calls and of turns that remember calls", async () => {
    const all = [
      calling("weather", { city: "Oslo" }, "c1"),
      calling("broken", {}, "c2"),
      calling("fog", { city: "Oslo" }, "c3"),
      "Done.",
    ];
    stock.model.next(...all);
    const first = await ask("Try all", "agent");
    const second = await ask("And now?", "agent");
    const third = await ask("And you?", "simple");
    const before = ran();
    stock.model.next(...all);
    for (const { turn, sent } of [first, second, third]) {
      const { again } = await requestsAgain(turn.turnId, sent);
      expect(again).toEqual(sent);
    }
    expect(ran()).toBe(before);
  });

  it("gives the graph what the tool gave it, such as a command to go elsewhere", async () => {
    stock.model.next(calling("hand_off", {}, "c1"), calling("weather", { city: "Rome" }, "c2"), "I am the expert.");
    const { turn, sent } = await ask("Help", "team");
    const before = ran();
    stock.model.next(calling("hand_off", {}, "c1"), calling("weather", { city: "Rome" }, "c2"), "I am the expert.");
    const { result, again } = await requestsAgain(turn.turnId, sent);
    expect(result.response).toBe("I am the expert.");
    expect(again).toEqual(sent);
    expect(ran()).toBe(before);
  });

  it("begins with what the graph had kept from earlier turns then", async () => {
    const turns = [];
    for (let at = 0; at < 3; at += 1) turns.push(await conversation.ask("Count", by("counter")));
    expect(turns.map(({ text }) => text)).toEqual(["Number 1", "Number 2", "Number 3"]);
    expect(await replay(turns[1]?.turnId ?? "")).toMatchObject({ response: "Number 2" });
    await conversation.push("edit", { turn_id: turns[1]?.turnId, content: "Count" });
    expect(await replay(turns[2]?.turnId ?? "")).toMatchObject({ response: "Number 3" });
  });

  it("does not call an MCP server either", async () => {
    const double = (number: number) => ({ toolCalls: [{ name: "double", args: { number }, id: "c1" }] });
    stock.model.next(double(2), "Four.");
    const { turnId } = await conversation.ask("Twice two?", by("maths"));
    stock.model.next(double(5), "Four, again.");
    await replay(turnId);
    expect(stock.model.requests.at(-1)?.messages.at(-1)).toMatchObject({ role: "tool", content: "4" });
    stock.model.next(double(5), "Ten.");
    await replay(turnId, { tools: "live" });
    expect(stock.model.requests.at(-1)?.messages.at(-1)).toMatchObject({ role: "tool", content: "10" });
  });

  it("matches calls by their input, then by order, and tells which", async () => {
    const cities = ["Oslo", "Rome"];
    const both = (all: string[]) => ({
      toolCalls: all.map((city, at) => ({ name: "weather", args: { city }, id: `c${at}` })),
    });
    stock.model.next(both(cities), "Sunny.");
    const { turnId } = await conversation.ask("Weather?", by("agent"));
    stock.model.next(both(["Rome", "Cairo"]), "Sunny, again.");
    const { tool_calls, response } = await replay(turnId);
    expect(response).toBe("Sunny, again.");
    expect(tool_calls).toEqual([
      { tool_name: "weather", input: { city: "Rome" }, from: "same_input" },
      { tool_name: "weather", input: { city: "Cairo" }, from: "other_input", recorded_input: { city: "Oslo" } },
    ]);
    expect(
      stock.model.requests
        .at(-1)
        ?.messages.slice(-2)
        .map(({ content }) => content),
    ).toEqual(["Sunny in Rome", "Sunny in Oslo"]);
  });

  it("ends with a sentence if a call was not recorded", async () => {
    stock.model.next("No need to look.");
    const { turnId } = await conversation.ask("Weather?", by("agent"));
    const before = ran();
    stock.model.next(calling("weather", { city: "Oslo" }));
    expect(await replay(turnId)).toMatchObject({
      code: "not_recorded",
      message: expect.stringContaining('calls "weather" with {"city":"Oslo"}, a call that the turn did not make'),
    });
    expect(ran()).toBe(before);
  });

  it("ends with a sentence before a tool runs that is called by a node of its own", async () => {
    const { turnId } = await conversation.ask("Weather?", by("direct"));
    const before = ran();
    expect(await replay(turnId)).toMatchObject({
      code: "not_recorded",
      message: expect.stringContaining("not called by a tool node"),
    });
    expect(ran()).toBe(before);
    expect(await replay(turnId, { tools: "live" })).toMatchObject({ response: "Fine." });
  });

  it("runs the tools if they are to be live", async () => {
    stock.model.next(calling("weather", { city: "Oslo" }), "Sunny.");
    const { turnId } = await conversation.ask("Weather?", by("agent"));
    const before = ran();
    stock.model.next(calling("weather", { city: "Cairo" }), "Hot.");
    const { tool_calls } = await replay(turnId, { tools: "live" });
    expect(tool_calls).toEqual([{ tool_name: "weather", input: { city: "Cairo" }, from: "live" }]);
    expect(stock.model.requests.at(-1)?.messages.at(-1)).toMatchObject({ content: "Sunny in Cairo" });
    expect(ran()).toBe(before + 1);
    expect(await bench.push("replay", { turn_id: turnId, tools: "all" })).toMatchObject({ status: "error" });
  });
});

describe("a replay of a turn that waited", () => {
  /** A turn in which a person approves a letter to Ada and one to Bob. */
  async function decided() {
    const letters = { toolCalls: ["Ada", "Bob"].map((to, at) => ({ name: "send", args: { to }, id: `c${at}` })) };
    stock.model.next(letters, "They are sent.");
    const before = stock.model.requests.length;
    const { response } = await conversation.push("message", { content: "Send them", ...by("careful") });
    const { requests } = await conversation.next("input_requested", ({ turn_id }) => turn_id === response.turn_id);
    const [{ interrupt_id } = { interrupt_id: "" }] = requests;
    const value = { decisions: [{ type: "approve" }, { type: "approve" }] };
    await conversation.push("respond", { turn_id: response.turn_id, responses: [{ interrupt_id, value }] });
    await conversation.turn(response.turn_id);
    return {
      turnId: response.turn_id,
      letters,
      sent: stock.model.requests.slice(before).map(({ rawBody }) => rawBody),
    };
  }

  it("gets the recorded answers, and sends the same requests", async () => {
    const { turnId, letters, sent } = await decided();
    const before = ran();
    stock.model.next(letters, "They are sent.");
    const { result, again } = await requestsAgain(turnId, sent);
    expect(again).toEqual(sent);
    expect(result).toMatchObject({
      response: "They are sent.",
      tool_calls: ["Ada", "Bob"].map((to) => ({ tool_name: "send", input: { to }, from: "same_input" })),
      answers: [{ answer: { decisions: [{ type: "approve" }, { type: "approve" }] }, from: "same_question" }],
    });
    expect(ran()).toBe(before);
  });

  it("goes on after each of several waits, and says what the turn said", async () => {
    const letters = ["Ada", "Bob"].map((to, at) => ({ text: `To ${to}.`, ...calling("send", { to }, `c${at}`) }));
    stock.model.next(...letters, "All are sent.");
    const before = stock.model.requests.length;
    const { response } = await conversation.push("message", { content: "Send them", ...by("careful") });
    const { turn_id } = response;
    for (const _ of letters) {
      const asked = await conversation.next("input_requested", (payload) => payload.turn_id === turn_id);
      const [{ interrupt_id } = { interrupt_id: "" }] = asked.requests;
      const value = { decisions: [{ type: "approve" }] };
      await conversation.push("respond", { turn_id, responses: [{ interrupt_id, value }] });
    }
    const { terminal } = await conversation.turn(turn_id);
    const sent = stock.model.requests.slice(before).map(({ rawBody }) => rawBody);
    expect((await recordOf(turn_id)).waits).toHaveLength(2);
    stock.model.next(...letters, "All are sent.");
    const { result, again } = await requestsAgain(turn_id, sent);
    expect(again).toEqual(sent);
    expect(result.answers).toHaveLength(2);
    expect(result.response).toBe("To Ada.\n\nTo Bob.\n\nAll are sent.");
    expect(result.response).toBe(terminal.payload.response);
  });

  it("ends at a question that was not answered, if the turn was stopped there", async () => {
    stock.model.next({ toolCalls: [{ name: "send", args: { to: "Ada" }, id: "c1" }] });
    const { response } = await conversation.push("message", { content: "Send it", ...by("careful") });
    await conversation.next("input_requested", ({ turn_id }) => turn_id === response.turn_id);
    await conversation.push("stop", { turn_id: response.turn_id });
    await conversation.turn(response.turn_id);
    stock.model.next({ toolCalls: [{ name: "send", args: { to: "Ada" }, id: "c1" }] });
    expect(await replay(response.turn_id)).toMatchObject({
      code: "not_recorded",
      message: expect.stringContaining("which was not answered in the turn"),
    });
    expect((await recordOf(response.turn_id)).waits).toMatchObject([{ ms: expect.any(Number) }]);
  });

  it("gives a question of the same form the answer of the turn's, but not with live tools", async () => {
    const { turnId } = await decided();
    const others = { toolCalls: ["Eve", "Bob"].map((to, at) => ({ name: "send", args: { to }, id: `c${at}` })) };
    stock.model.next(others, "Sent.");
    expect(await replay(turnId)).toMatchObject({
      answers: [{ from: "other_question" }],
      tool_calls: [
        { input: { to: "Eve" }, from: "other_input", recorded_input: { to: "Ada" } },
        { from: "same_input" },
      ],
    });
    const before = ran();
    stock.model.next(others, "Sent.");
    expect(await replay(turnId, { tools: "live" })).toMatchObject({
      code: "not_recorded",
      message: expect.stringContaining("was not asked in the turn"),
    });
    expect(ran()).toBe(before);
  });
});
