import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";

import { chosenEngines } from "../../graphs/chosen-engines.ts";
import { routerOf } from "../../graphs/router/decide.ts";
import { followUps, suggestions } from "../../playground/suggestions.ts";
import { filled } from "../../src/models/demo/schema.ts";
import { filesServer } from "../files/support.ts";
import { type start, start as startServer } from "../support/start.ts";

const demo = { OPENAI_API_KEY: "", OPENAI_BASE_URL: "", DEMO_WORD_MS: "0", ROUTING_THRESHOLD: "" };
let server: Awaited<ReturnType<typeof start>>;

beforeAll(async () => {
  server = await startServer(demo);
});
afterAll(() => server.close());

async function talk(params: object = {}) {
  const client = await server.connect();
  onTestFinished(() => client.close());
  return await client.join(crypto.randomUUID(), params);
}

async function answered(content: string) {
  const { text, terminal, thinking, deltas } = await (await talk()).ask(content);
  const { metadata, conversation_type } = terminal.payload as {
    metadata: Record<string, unknown>;
    conversation_type: string;
  };
  return { text, thinking, deltas, metadata, engine: conversation_type };
}

describe("the demo model", () => {
  it("answers each suggestion in its engine's form, marked, streamed, and without a warning", async () => {
    for (const { engine, message } of suggestions) {
      const turn = await answered(message);
      expect([message, turn.engine]).toEqual([message, engine]);
      expect(turn.text).toMatch(/^\*Demo model: /);
      expect(turn.text).not.toContain("a real model");
      expect(turn.text).toMatch(/^```\w+\n|^\| /m);
      expect(turn.metadata).not.toHaveProperty("warnings");
      expect(turn.metadata.model_used).toBe("demo");
    }
  });

  it("has the findings of each engine in the metadata", async () => {
    const byEngine = Object.fromEntries(suggestions.map(({ engine, message }) => [engine, message]));
    const findings: Record<string, string[]> = {
      complex: ["steps"],
      analysis: ["analysis_points", "recommendations"],
      generation: ["implementation_plan", "generated_code"],
      problem_solving: ["root_cause", "solution_steps"],
    };
    for (const [engine, names] of Object.entries(findings)) {
      const { metadata } = await answered(byEngine[engine] ?? "");
      for (const name of names) expect([name, metadata[name]?.toString().length ?? 0]).not.toContain(0);
    }
  });

  it("gives each part of a complex question its own thought", async () => {
    const { metadata } = await answered("WebSockets or server-sent events: which one should we choose, and why?");
    const steps = z.array(z.string()).parse(metadata.steps);
    expect(new Set(steps).size).toBe(3);
    for (const step of steps) expect(step).toMatch(/WebSockets|Server-sent events/i);
  });

  it("takes the names of the options from the question, and lines of the material", async () => {
    expect((await answered("Should we choose Kafka or RabbitMQ for orders, and why?")).text).toContain(
      "|  | Kafka | RabbitMQ |",
    );
    const review = await answered("Review this code:\n\n```js\nelement.innerHTML = comment;\n```");
    expect(review.text).toContain("| high |");
    expect(review.text).toContain("`element.innerHTML = comment;`");
  });

  it.each(followUps)("refers to the turn before: $message", async ({ engine, message }) => {
    const conversation = await talk();
    await conversation.ask("What is pattern matching in Elixir?");
    const { text, terminal } = await conversation.ask(message);
    expect(terminal.payload).toMatchObject({ conversation_type: engine });
    expect(text).toContain("You refer to your question “What is pattern matching in Elixir?”.");
  });

  it("shows the code of the turn before if it does not know more", async () => {
    const conversation = await talk();
    await conversation.ask("Write a Python function that parses a date.");
    const { text } = await conversation.ask("Make it shorter.", { options: { engine: "multi_step" } });
    expect(text).toContain("```python\ndef parses_date(value):");
  });

  it("tells its reasoning to members that ask for it", async () => {
    const conversation = await talk({ preferences: { include_reasoning: true } });
    const { events, text } = await conversation.ask("What is pattern matching in Elixir?");
    const reasoning = events.filter(({ event }) => event === "reasoning_delta").map(({ payload }) => payload.text);
    expect(reasoning.join("")).toContain("pattern matching in Elixir");
    expect(text).not.toContain("The user asks");
  });

  it("quotes its instructions, so that an edited prompt shows in the next answer", async () => {
    const prompts = mkdtempSync(join(tmpdir(), "prompts-"));
    onTestFinished(() => rmSync(prompts, { recursive: true, force: true }));
    cpSync("prompts", prompts, { recursive: true });
    await using edited = await startServer({ ...demo, PROMPTS_DIR: prompts });
    const client = await edited.connect();
    onTestFinished(() => client.close());
    const conversation = await client.join("edited");
    expect((await conversation.ask("Hello")).text).toContain("You are a helpful, precise assistant");
    const file = join(prompts, "simple.md");
    writeFileSync(file, readFileSync(file, "utf8").replace("You are a helpful,", "You are a pirate, and a"));
    await expect
      .poll(async () => (await conversation.ask("Hello")).text, { timeout: 5_000 })
      .toContain("You are a pirate, and a precise assistant");
  });

  it("says the same to the same question", async () => {
    const question = "Compare Rust or Go for a small command line tool, and say why.";
    expect((await answered(question)).text).toBe((await answered(question)).text);
  });

  it("takes its time, and stops at once", async () => {
    await using slow = await startServer({ ...demo, DEMO_WORD_MS: "500" });
    const client = await slow.connect();
    onTestFinished(() => client.close());
    const conversation = await client.join("slow");
    const { response } = await conversation.push("message", { content: "What is pattern matching in Elixir?" });
    await conversation.push("stop", { turn_id: response.turn_id });
    const { terminal } = await conversation.turn(response.turn_id);
    expect(terminal.payload).toMatchObject({ metadata: { stopped: true } });
  });
});

it.each(suggestions)("the local classifier is sure of the suggestion $label", ({ engine, message }) => {
  expect(routerOf(chosenEngines()).classify(message, [], {})).toMatchObject({ type: engine, sure: true });
});

it("a step of another engine gets a value that fits its schema", () => {
  const Step = z.object({
    title: z.string(),
    kind: z.enum(["bug", "feature"]),
    size: z.number().int().min(3),
    isUrgent: z.boolean(),
    owner: z.string().nullable(),
    parts: z.array(z.object({ name: z.string(), weight: z.number() })),
  });
  const value = Step.parse(filled(JSON.parse(JSON.stringify(z.toJSONSchema(Step))), "the login"));
  expect(value.title).toContain("the login");
  expect(value.parts.length).toBe(2);
});

describe("the demo model with tools", () => {
  it("asks the user, and answers with what was said", async () => {
    await using withTools = await startServer({ ...demo, ENGINES: "+assistant" });
    await using client = await withTools.connect();
    const conversation = await client.join("asking");
    const { response } = await conversation.push("message", {
      content: "What is a monad?",
      options: { engine: "assistant" },
    });
    const { turn_id, requests } = await conversation.next("input_requested");
    expect(requests[0]?.value).toMatchObject({ question: "Demo: which kind of answer do you want?", free: true });
    const responses = requests.map(({ interrupt_id }) => ({ interrupt_id, value: "An example" }));
    await conversation.push("respond", { turn_id, responses });
    const { terminal, text } = await conversation.turn(response.turn_id);
    expect(text).toMatch(/^\*Demo model: this answer is canned.*You answered “An example”\./s);
    expect(text).not.toContain("prompts/model.md");
    expect(terminal.payload).toMatchObject({ metadata: { tool_calls: [{ tool_name: "ask_user" }] } });
  });

  it("searches the files that came with a message", async () => {
    await using withTools = await filesServer({ ...demo, ENGINES: "+assistant" });
    await using client = await withTools.connect();
    const file = await withTools.kept("The notice period is two months.", { name: "deal.txt" });
    const conversation = await client.join("searching");
    const turn = await conversation.ask("What is the notice period?", {
      options: { engine: "assistant" },
      attachments: [{ file_id: file.file_id }],
    });
    expect(turn.text).toContain("The search in your files found:");
    expect(turn.text).toContain("two months");
  });
});
