import { describe, expect } from "vitest";

import { it as conversationTest } from "../support/fixture.ts";
import { faults, gate, isText, type ModelRequest, smartReply } from "../support/model-server.ts";

const withCode = "Here it is:\n\n```js\nlet a = 1;\n```\n\nand\n\n```sh\nls\n```\n";
const it = conversationTest.extend("ask", ({ conversation }) => {
  return (engine: string, content = "Do it") => conversation.ask(content, { options: { engine } });
});

/** Values for the properties of structured replies. */
function find(found: Record<string, unknown>) {
  return (request: ModelRequest) => {
    if (!request.structured) return withCode;
    const known = Object.entries(found).filter(([key]) => key in (request.schema?.properties ?? {}));
    return { json: { ...Object(smartReply(request).json), ...Object.fromEntries(known) } };
  };
}

describe("each engine", () => {
  const points = ["It leaks", "It blocks"];
  const steps = ["One", "Two", "Three"];
  const cases = [
    { engine: "simple", routed: "simple_conversation", calls: 1, metadata: {} },
    { engine: "multi_step", routed: "multi_step_conversation", calls: 1, metadata: {} },
    {
      engine: "analysis",
      routed: "analysis_conversation",
      calls: 2,
      metadata: { analysis_points: points, recommendations: steps },
    },
    {
      engine: "generation",
      routed: "generation_conversation",
      calls: 2,
      metadata: { implementation_plan: steps, generated_code: "let a = 1;\n\nls" },
    },
    {
      engine: "problem_solving",
      routed: "problem_solver",
      calls: 2,
      metadata: { root_cause: "It leaks", solution_steps: steps },
    },
    {
      engine: "complex",
      routed: "complex_conversation",
      calls: 5,
      metadata: {
        steps: [expect.stringContaining("One"), expect.stringContaining("Two"), expect.stringContaining("Three")],
      },
    },
  ];

  it.for(cases)(
    "the engine $engine makes $calls model calls and reports its own metadata",
    async ({ engine, routed, calls, metadata }, { model, ask }) => {
      const found = {
        points,
        recommendations: steps,
        steps,
        questions: steps,
        root_cause: "It leaks",
        solution_steps: steps,
      };
      model.answer(find(found));
      const { terminal, text } = await ask(engine);
      expect(model.requests).toHaveLength(calls);
      expect(terminal.payload).toMatchObject({
        conversation_type: engine,
        routed_to: routed,
        response: withCode,
        metadata,
      });
      expect(text).toBe(withCode);
      const common = ["model_used", "processing_time", "prompts", "routing", "usage"];
      expect(Object.keys(terminal.payload.metadata).sort()).toEqual([...common, ...Object.keys(metadata)].sort());
      expect(terminal.payload.metadata.usage).toEqual({
        llm_calls: calls,
        input_tokens: expect.toSatisfy((tokens: number) => tokens > 0),
        output_tokens: expect.toSatisfy((tokens: number) => tokens > 0),
      });
      expect(Object.values(terminal.payload.metadata.prompts).every((hash) => /^[0-9a-f]{8,64}$/.test(hash))).toBe(
        true,
      );
    },
  );

  it.for(cases)("the engine $engine gets the history", async ({ engine }, { model, ask }) => {
    model.answer(find({}));
    await ask("simple", "The first question");
    model.requests.length = 0;
    await ask(engine, "And then?");
    for (const request of model.requests) {
      expect(request.messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user"]);
      expect(request.rawBody).toContain("The first question");
    }
  });

  it.for(cases)(
    "the router can choose the engine $engine, with one more call",
    async ({ engine, routed, calls }, { model, conversation }) => {
      model.answer((request) => find({ type: engine, questions: steps, steps })(request));
      const { terminal } = await conversation.ask("What about it, then?");
      expect(terminal.payload).toMatchObject({ conversation_type: engine, routed_to: routed });
      expect(terminal.payload.metadata.routing).toMatchObject({ decided_by: "model", confidence: expect.any(Number) });
      expect(model.requests).toHaveLength(calls + 1);
      expect(terminal.payload.metadata.usage.llm_calls).toBe(calls + 1);
    },
  );
});

describe("complex", () => {
  it("complex works on at most four questions, all at the same time", async ({ model, conversation }) => {
    const doors = Array.from({ length: 4 }, () => gate());
    model.answer(find({ questions: ["q1", "q2", "q3", "q4", "q5", "q6"] }));
    model.nextFor(isText, ...doors.map((door, index) => ({ text: `t${index}`, gate: door })));
    const { response } = await conversation.push("message", { content: "Why?", options: { engine: "complex" } });
    await model.waitForRequest(5);
    await Promise.all(doors.map((door) => door.held())); // all four calls are waiting at the same time
    expect(model.requests).toHaveLength(5);
    for (const door of doors.toReversed()) door.open();
    const { terminal, thinking } = await conversation.turn(response.turn_id);
    expect(terminal.payload.metadata.steps).toHaveLength(4);
    for (const [index, step] of terminal.payload.metadata.steps?.entries() ?? [])
      expect(step).toContain(`q${index + 1}`);
    const finished = thinking.filter(({ stage }) => stage === "step_finished").map(({ step }) => step);
    expect(new Set(finished).size).toBe(5);
  });

  it("complex answers directly if it finds no questions", async ({ model, ask }) => {
    model.answer(find({ questions: [] }));
    const { terminal } = await ask("complex");
    expect(terminal.event).toBe("response");
    expect(terminal.payload.metadata).not.toHaveProperty("steps");
    expect(model.requests).toHaveLength(2);
  });

  it("complex answers from the remaining parts if one fails", async ({ model, ask }) => {
    model.answer((request) =>
      request.system.includes("q2") && !request.system.includes("q1")
        ? faults.badRequest
        : find({ questions: ["q1", "q2", "q3"] })(request),
    );
    const { terminal } = await ask("complex");
    expect(terminal.event).toBe("response");
    expect(terminal.payload.metadata.steps).toEqual([expect.stringContaining("q1"), expect.stringContaining("q3")]);
  });
});

describe("generation", () => {
  const isRepair = ({ structured, index }: ModelRequest) => !structured && index > 1;

  it("generation asks once more if the answer has no code, and appends the code", async ({ model, ask }) => {
    model.next({ json: { steps: ["One"] } }, "I will not.", "```js\nlet b = 2;\n```");
    const { terminal, text, thinking } = await ask("generation");
    expect(model.requests).toHaveLength(3);
    expect(terminal.payload.metadata).toMatchObject({ generated_code: "let b = 2;", usage: { llm_calls: 3 } });
    expect(terminal.payload.response).toMatch(/^I will not\.[\s\S]*let b = 2;/);
    expect(text).toBe(terminal.payload.response);
    expect(thinking.filter(({ stage }) => stage === "step_started")).toHaveLength(2);
  });

  it.for([
    { what: "no code either", repair: "Still not." },
    { what: "a failure", repair: faults.badRequest },
  ])(
    "generation whose second request brings $what answers without generated_code",
    async ({ repair }, { model, ask }) => {
      model.nextFor(isRepair, repair);
      model.answer((request) => (request.structured ? smartReply(request) : "I will not."));
      const { terminal } = await ask("generation");
      expect(terminal.payload.response).toBe("I will not.");
      expect(terminal.payload.metadata).not.toHaveProperty("generated_code");
      expect(model.requests).toHaveLength(3);
    },
  );

  it.for([
    ["a tilde fence", "~~~py\nx = 1\n~~~", "x = 1"],
    ["a fence in a list", "1. Do:\n\n   ```py\n   x = 1\n   ```\n", "x = 1"],
    ["a longer fence", "````md\n```js\n1\n```\n````", "```js\n1\n```"],
    ["a fence that is never closed", "```py\nx = 1", "x = 1"],
  ])("generation finds code in %s", async ([_what, answer, code], { model, ask }) => {
    model.answer((request) => (request.structured ? smartReply(request) : answer));
    expect((await ask("generation")).terminal.payload.metadata.generated_code).toBe(code);
    expect(model.requests).toHaveLength(2);
  });
});
