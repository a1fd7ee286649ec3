import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { install } from "../../cli/studio/cli.ts";
import { chosenEngines } from "../../graphs/chosen-engines.ts";
import { gate, startModelServer } from "../support/model-server.ts";
import type { Json } from "./support/stream.ts";
import { type Studio, startStudio } from "./support/studio.ts";

const model = await startModelServer();
let studio: Studio;

beforeAll(async () => {
  install();
  studio = await startStudio({ OPENAI_BASE_URL: model.url, MODEL: "gpt-test", ROUTING_THRESHOLD: "1" });
});
afterEach(() => model.reset());
afterAll(async () => {
  await studio?.close();
  await model.close();
});

const says = (content: string) => ({ messages: [{ role: "user", content }] });
const route = (type: string) => ({ json: { type, confidence: 0.9, reason: "scripted", standalone_question: "" } });

async function thread(): Promise<string> {
  return `/threads/${(await studio.post("/threads", {})).thread_id}`;
}

describe("LangGraph Studio", () => {
  it("lists the conversation and every engine that is on", async () => {
    const assistants: { graph_id: string }[] = await studio.post("/assistants/search", { limit: 100 });
    expect(assistants.map(({ graph_id }) => graph_id).sort()).toEqual(
      ["conversation", ...Object.keys(chosenEngines())].sort(),
    );
  });

  it("draws the graphs with the engines' steps", async () => {
    const { nodes }: { nodes: { id: string }[] } = await studio.get("/assistants/conversation/graph?xray=true");
    expect(nodes.map(({ id }) => id)).toEqual(
      expect.arrayContaining(["router", "simple", "complex:outline", "complex:think", "analysis:inspect", "remember"]),
    );
    const { edges } = await studio.get("/assistants/generation/graph");
    expect(edges).toContainEqual(expect.objectContaining({ source: "__start__", target: "plan" }));
  });

  it("has schemas for the inputs", async () => {
    const { input_schema } = await studio.get("/assistants/conversation/schemas");
    expect(input_schema.properties.messages).toMatchObject({ langgraph_type: "messages" });
    expect((await studio.get("/assistants/simple/schemas")).input_schema.properties).toHaveProperty("question");
  });
});

describe("a thread of the conversation", () => {
  it("is routed, answered and remembered", async () => {
    const path = await thread();
    model.next(route("simple"), "Hello to you.");
    const state = await studio.post(`${path}/runs/wait`, { assistant_id: "conversation", input: says("Hello") });
    expect(state).toMatchObject({
      messages: [
        { type: "human", content: "Hello" },
        { type: "ai", content: "Hello to you." },
      ],
      route: "simple",
      routing: { decided_by: "model", confidence: 0.9, reason: "scripted" },
      metadata: { model_used: "gpt-test", usage: { llm_calls: 2 }, prompts: { simple: expect.any(String) } },
    });

    model.next(route("multi_step"), "Again.");
    await studio.post(`${path}/runs/wait`, { assistant_id: "conversation", input: says("And again?") });
    const asked = model.requests.at(-1)?.messages.map(({ content }) => content);
    expect(asked?.slice(1)).toEqual(["Hello", "Hello to you.", "And again?"]);
    const { values, next } = await studio.get(`${path}/state`);
    expect(values.messages.map(({ content }: { content: string }) => content).at(-1)).toBe("Again.");
    expect(next).toEqual([]);
  });

  it("streams its steps, and only the tokens of the answer, as they arrive", async () => {
    const path = await thread();
    const inspection = { points: ["It is short."], recommendations: ["Name it."] };
    const door = gate();
    door.release();
    model.next(route("analysis"), { json: inspection }, { chunks: ["Fine, ", "but."], gate: door });
    const events = await studio.stream(`${path}/runs/stream`, {
      assistant_id: "conversation",
      input: says("Review: let x = 1"),
      stream_mode: ["messages-tuple", "custom", "values"],
      stream_subgraphs: true,
    });
    const seen: Record<string, Json[]> = { custom: [], messages: [], values: [] };
    for await (const { event, data } of events) {
      const [kind = ""] = event.split("|");
      seen[kind]?.push(data);
      if (kind === "messages") door.open(); // the first word arrived before the model has sent the last
    }
    expect(seen.custom?.map(({ type, step }) => step ?? type)).toEqual(["routed", "inspect", "inspect", "answering"]);
    const words = seen.messages?.map(([message]) => message).filter(({ id }) => id.startsWith("run-"));
    expect(words?.map(({ content }) => content).filter(Boolean)).toEqual(["Fine, ", "but."]);
    expect(seen.values?.at(-1)).toMatchObject({
      answer: "Fine, but.",
      findings: { analysis_points: inspection.points },
    });
  });

  it("takes context, options and preferences from the run's context", async () => {
    const path = await thread();
    const context = {
      options: { engine: "simple" },
      context: { language: "elixir" },
      llm_config: { temperature: 0.1 },
    };
    const run = { assistant_id: "conversation", input: says("Hello"), context };
    expect(await studio.post(`${path}/runs/wait`, run)).toMatchObject({ routing: { decided_by: "client" } });
    expect(model.requests).toMatchObject([{ body: { temperature: 0.1 } }]);
    expect(model.requests[0]?.system).toContain('"language": "elixir"');
  });
});

describe("an engine alone", () => {
  it("answers a question with its steps, and keeps nothing for the next one", async () => {
    for (const question of ["Which database?", "Which language?"]) {
      model.reset();
      model.next({ json: { questions: ["What for?", "How large?"] } });
      const path = await thread();
      const state = await studio.post(`${path}/runs/wait`, { assistant_id: "complex", input: { question } });
      expect(state).toMatchObject({
        question,
        answer: `Answer to: ${question}`,
        questions: ["What for?", "How large?"],
        findings: { steps: [expect.stringContaining("What for?"), expect.stringContaining("How large?")] },
      });
      expect(model.requests).toHaveLength(4);
      const history: { next: string[] }[] = await studio.get(`${path}/history`);
      expect(history.map(({ next }) => next[0])).toEqual([undefined, "respond", "think", "outline", "__start__"]);
    }
  });
});

it("the checkout stays clean: git ignores what the server writes", () => {
  const ignored = (folder: string) => readFileSync(join(folder, ".gitignore"), "utf8");
  expect(ignored(studio.copy)).toBe(ignored("."));
  expect(existsSync(join(studio.copy, ".langgraph_api"))).toBe(true);
});
