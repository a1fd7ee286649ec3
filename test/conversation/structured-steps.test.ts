import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { connect } from "../support/client.ts";
import { faults, isStructured, isText, type ModelRequest, type Reply, smartReply } from "../support/model-server.ts";
import { start } from "../support/start.ts";

const server = await start({ RATE_LIMIT_MESSAGES: "0", RATE_LIMIT_JOINS: "0", MODELS: "schema,tools,plain" });
const client = await connect(server.url, { apiKey: "key-a" });

beforeEach(() => server.model.reset());
afterAll(async () => {
  await client.close();
  await server.close();
});

const formOf = ({ responseFormat, tool, structured }: ModelRequest) =>
  responseFormat ? responseFormat.type : tool ? "tool" : structured ? "?" : "text";

/** The model server's reply. The model `schema` supports response_format and tools, `plain` neither, others tools only. */
function answer(request: ModelRequest): Reply {
  if (request.responseFormat && request.model !== "schema") return faults.responseFormatUnsupported;
  if (request.tools.length > 0 && request.model === "plain")
    return { status: 400, error: { message: "no tools here" } };
  return smartReply(request);
}

async function ask(model = "schema", engine = "analysis") {
  const conversation = await client.join(crypto.randomUUID());
  const turn = await conversation.ask("Look at this", { options: { engine }, llm_config: { model } });
  await conversation.leave();
  return { ...turn, forms: server.model.requests.map(formOf) };
}

const found = { analysis_points: expect.any(Array), recommendations: expect.any(Array) };

describe("a structured step", () => {
  it("a structured step asks for a JSON schema that OpenAI's strict mode accepts", async () => {
    server.model.answer(answer);
    const { terminal, forms } = await ask();
    expect(forms).toEqual(["json_schema", "text"]);
    expect(server.model.requests[0]?.responseFormat?.json_schema).toMatchObject({
      strict: true,
      schema: { type: "object" },
    });
    expect(terminal.payload.metadata).toMatchObject(found);
  });

  it("a structured step uses function calling when response_format is refused, and remembers that", async () => {
    server.model.answer(answer);
    const { terminal, forms } = await ask("tools");
    expect(forms).toEqual(["json_schema", "tool", "text"]);
    expect(server.model.requests[1]?.body.tool_choice).toBeTypeOf("object");
    expect(terminal.payload.metadata).toMatchObject({ ...found, usage: { llm_calls: 3 } });
    server.model.requests.length = 0;
    expect((await ask("tools")).forms).toEqual(["tool", "text"]);
  });

  it("a structured step asks for JSON as text when tools are refused too, and remembers that", async () => {
    server.model.answer(answer);
    const { terminal, forms } = await ask("plain");
    expect(forms).toEqual(["json_schema", "tool", "text", "text"]);
    expect(server.model.requests[2]?.system).toContain('"points"');
    expect(terminal.payload.metadata).toMatchObject({ ...found, usage: { llm_calls: 4 } });
    server.model.requests.length = 0;
    expect((await ask("plain")).forms).toEqual(["text", "text"]);
  });

  const invalid: [string, Reply][] = [
    ["no JSON", { text: "I'd rather not" }],
    ["truncated JSON", { jsonText: '{"points":["a"' }],
    ["another shape", { jsonText: '{"points":"a","recommendations":[]}' }],
    ["an array", { jsonText: "[]" }],
    ["null", { jsonText: "null" }],
    ["wrong elements", { jsonText: '{"points":[1,{}],"recommendations":[null]}' }],
  ];

  it.each(invalid)("a structured step whose reply is %s is asked once more", async (_what, reply) => {
    server.model.next(reply);
    const { terminal, thinking } = await ask();
    expect(server.model.requests).toHaveLength(3);
    expect(terminal.payload.metadata).toMatchObject({ ...found, usage: { llm_calls: 3 } });
    expect(thinking.filter(({ stage }) => stage === "step_started")).toHaveLength(1);
  });

  it.each(invalid)("a structured step whose reply is %s twice is skipped", async (_what, reply) => {
    server.model.next(reply, reply);
    const { terminal } = await ask();
    expect(server.model.requests).toHaveLength(3);
    expect(terminal.event).toBe("response");
    expect(terminal.payload.metadata).not.toHaveProperty("analysis_points");
    expect(terminal.payload.metadata).not.toHaveProperty("recommendations");
  });

  it.each(["analysis", "generation", "problem_solving", "complex"])(
    "the engine %s answers without its structured steps if they fail",
    async (engine) => {
      server.model.answer((request) => (isText(request) ? "```js\n1\n```" : faults.refusal));
      const { terminal } = await ask("schema", engine);
      expect(terminal).toMatchObject({
        event: "response",
        payload: { conversation_type: engine, response: "```js\n1\n```" },
      });
      const own = [
        "analysis_points",
        "recommendations",
        "implementation_plan",
        "root_cause",
        "solution_steps",
        "steps",
      ];
      for (const key of own) expect(terminal.payload.metadata).not.toHaveProperty(key);
    },
  );
});

describe("the router", () => {
  const route = async (...replies: Reply[]) => {
    server.model.reset();
    server.model.nextFor(isStructured, ...replies);
    const conversation = await client.join(crypto.randomUUID());
    const { terminal } = await conversation.ask("What is a process?");
    return terminal;
  };

  it.each([
    ["an unknown engine", { jsonText: '{"type":"quantum","confidence":1,"reason":"x","standalone_question":""}' }],
    ["no JSON", { text: "simple" }],
    ["a refusal", { ...faults.refusal }],
    ["a 500", { ...faults.serverError }],
    ["a cut", { cutAfter: 1, text: "one two" }],
  ])("a router that gives %s does not fail the turn", async (_what, reply) => {
    const terminal = await route(reply, reply);
    expect(terminal).toMatchObject({ event: "response", payload: { conversation_type: "simple" } });
    expect(terminal.payload.metadata.routing).toMatchObject({
      confidence: expect.any(Number),
      reason: expect.any(String),
    });
  });

  it("the router's confidence is at most 1", async () => {
    const terminal = await route({
      jsonText: '{"type":"simple","confidence":7,"reason":"x","standalone_question":""}',
    });
    expect(terminal.payload.metadata.routing?.confidence).toBe(1);
  });

  it("the router rewrites a follow-up as a standalone question", async () => {
    const json = { type: "multi_step", confidence: 0.9, reason: "x", standalone_question: "When should I use a Task?" };
    const conversation = await client.join(crypto.randomUUID());
    await conversation.ask("What is a Task?", { options: { engine: "simple" } });
    server.model.next({ json });
    const { terminal } = await conversation.ask("When should I use it?");
    expect(terminal.payload.metadata.standalone_question).toBe("When should I use a Task?");
  });
});
