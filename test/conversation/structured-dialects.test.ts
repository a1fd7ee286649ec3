import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { connect } from "../support/client.ts";
import { faults, type ModelRequest, type Reply, smartReply } from "../support/model-server.ts";
import { start, unlimited } from "../support/start.ts";

const names = Array.from({ length: 60 }, (_, index) => `model-${index}`);
const server = await start({ ...unlimited, MODELS: names.join(","), MODEL_TIMEOUT_MS: "1200" });
const client = await connect(server.url, { apiKey: "key-a" });
beforeEach(() => server.model.reset());
afterAll(async () => {
  await client.close();
  await server.close();
});

type Form = "json_schema" | "tool" | "text" | "answer";
type Script = Reply | ((request: ModelRequest) => Reply);
type Scripts = Partial<Record<Form, Script>>;

const formOf = ({ responseFormat, tool, schema }: ModelRequest): Form =>
  responseFormat ? "json_schema" : tool ? "tool" : schema ? "text" : "answer";

/** Runs turns with a model of which nothing is known yet. */
function model(scripts: Scripts) {
  const name = names.pop() ?? "";
  server.model.answer((request) => {
    const script = scripts[formOf(request)];
    return (typeof script === "function" ? script(request) : script) ?? smartReply(request);
  });
  return async (payload: object = { options: { engine: "analysis" } }) => {
    server.model.requests.length = 0;
    const conversation = await client.join(crypto.randomUUID());
    const askedAt = performance.now();
    const { terminal } = await conversation.ask("Look at this", { llm_config: { model: name }, ...payload });
    await conversation.leave();
    const { metadata, response } = terminal.payload;
    return { forms: server.model.requests.map(formOf), ms: performance.now() - askedAt, metadata, response };
  };
}

const points = ["The recursion never ends"];
const recommendations = ["Stop at zero"];
const inspection = JSON.stringify({ points, recommendations });
const found = { analysis_points: points, recommendations };
const prose: Reply = { text: "I see a recursion." };
const noFormat = { status: 400, error: { message: "This response_format is not available here" } };

const stream = (...deltas: object[]): Reply => {
  const events = [...deltas.map((delta) => ({ delta })), { delta: {}, finish_reason: "stop" }];
  const lines = events.map((choice) => `data: ${JSON.stringify({ id: "c", choices: [{ index: 0, ...choice }] })}\n\n`);
  return { rawBody: `${lines.join("")}data: [DONE]\n\n`, headers: { "content-type": "text/event-stream" } };
};
const call = (args: unknown, rest: object = {}) => ({
  tool_calls: [{ index: 0, id: "c1", type: "function", function: { name: "inspection", arguments: args }, ...rest }],
});
const content = (text: string) => ({ chunks: [text] });

describe("a structured step finds its object in", () => {
  it.each<[string, Scripts, Form[]]>([
    [
      "a tool call that is written as text",
      {
        json_schema: noFormat,
        tool: content(`<tool_call>\n{"name":"inspection","arguments":${inspection}}\n</tool_call>`),
        text: prose,
      },
      ["json_schema", "tool"],
    ],
    [
      "a tool call in Llama's words",
      { json_schema: noFormat, tool: content(`{"name": "inspection", "parameters": ${inspection}}`), text: prose },
      ["json_schema", "tool"],
    ],
    [
      "arguments that are an object",
      { json_schema: noFormat, tool: stream(call(JSON.parse(inspection))), text: prose },
      ["json_schema", "tool"],
    ],
    [
      "arguments that are encoded twice",
      { json_schema: noFormat, tool: stream(call(JSON.stringify(inspection))), text: prose },
      ["json_schema", "tool"],
    ],
    [
      "arguments after empty ones",
      { json_schema: noFormat, tool: stream(call("{}"), call(inspection, { id: "c2" })), text: prose },
      ["json_schema", "tool"],
    ],
    [
      "arguments between nulls",
      {
        json_schema: noFormat,
        tool: stream(call(null), call(inspection.slice(0, 9)), call(inspection.slice(9)), call(null)),
        text: prose,
      },
      ["json_schema", "tool"],
    ],
    [
      "arguments with a trailing comma",
      { json_schema: noFormat, tool: stream(call(inspection.replace("}", ",}"))), text: prose },
      ["json_schema", "tool"],
    ],
    [
      "a text with raw line feeds",
      { json_schema: content(inspection.replace("never", "never\n")), text: prose },
      ["json_schema"],
    ],
    [
      "a fence, with trailing commas",
      { json_schema: content(`\`\`\`json\n${inspection.replaceAll("]", ",]")}\n\`\`\``), text: prose },
      ["json_schema"],
    ],
    [
      "the last of several objects",
      { json_schema: content(`${inspection.replace("ends", "starts")} Wait: ${inspection} Done.`), text: prose },
      ["json_schema"],
    ],
    [
      "a reply that is whole before the connection breaks",
      { json_schema: { chunks: [inspection], cutAfter: 1 }, text: prose },
      ["json_schema"],
    ],
    [
      "the reasoning, where there is no text",
      {
        json_schema: stream(
          { content: null, reasoning_content: inspection.slice(0, 20) },
          { content: null, reasoning_content: inspection.slice(20) },
        ),
        text: prose,
      },
      ["json_schema"],
    ],
    [
      "a text with thinking before it",
      { json_schema: content(`<think>${inspection.replace("ends", "starts")}</think>${inspection}`), text: prose },
      ["json_schema"],
    ],
  ])("%s", async (_where, scripts, forms) => {
    const turn = await model(scripts)();
    const shown = turn.metadata.analysis_points?.map((point: string) => point.replace("\n ", " "));
    expect({ ...turn.metadata, analysis_points: shown }).toMatchObject(found);
    expect(turn.forms).toEqual([...forms, "answer"]);
    expect(turn.metadata).not.toHaveProperty("warnings");
  });

  it("a reply with null for an empty list and an empty text", async () => {
    const ask = model({
      json_schema: { json: { hypotheses: null, root_cause: "A typo", solution_steps: ["Fix it"], missing: null } },
    });
    const { metadata } = await ask({ options: { engine: "problem_solving" } });
    expect(metadata).toMatchObject({ root_cause: "A typo", solution_steps: ["Fix it"] });
  });
});

describe("a structured step is asked for in another way", () => {
  const failing: [string, Scripts, Form[], Form[]][] = [
    [
      "a refused format, and tools that have no endpoint",
      { json_schema: noFormat, tool: { status: 404, error: { message: "No endpoints found that support tool use." } } },
      ["json_schema", "tool", "text"],
      ["text"],
    ],
    [
      "a format that it does not name",
      { json_schema: { status: 400, error: { message: "Bad Request" } } },
      ["json_schema", "tool"],
      ["tool"],
    ],
    [
      "a server's error, each time",
      { json_schema: { status: 500, error: { message: "" }, headers: { "retry-after-ms": "1" } } },
      ["json_schema", "json_schema", "tool"],
      ["tool"],
    ],
    [
      "server's errors in both forms",
      {
        json_schema: { ...faults.serverError, headers: { "retry-after-ms": "1" } },
        tool: { ...faults.serverError, headers: { "retry-after-ms": "1" } },
      },
      ["json_schema", "json_schema", "tool", "tool", "text"],
      ["text"],
    ],
    [
      "an error within the stream",
      {
        json_schema: {
          rawBody: 'data: {"error":{"message":"guided decoding failed","code":400}}\n\ndata: [DONE]\n\n',
          headers: { "content-type": "text/event-stream" },
        },
      },
      ["json_schema", "tool"],
      ["tool"],
    ],
    [
      "an unknown keyword of the schema",
      { json_schema: { status: 422, error: { message: "Invalid schema: additionalProperties is not supported" } } },
      ["json_schema", "tool"],
      ["tool"],
    ],
    [
      "a failed generation",
      {
        json_schema: {
          status: 400,
          error: { message: "Failed to generate JSON. Please adjust your prompt.", code: "json_validate_failed" },
        },
      },
      ["json_schema", "tool"],
      ["json_schema", "tool"],
    ],
    ["an empty reply", { json_schema: faults.empty }, ["json_schema", "text"], ["json_schema", "text"]],
    ["prose", { json_schema: prose }, ["json_schema", "text"], ["json_schema", "text"]],
    ["silence", { json_schema: faults.hangAfterHeaders }, ["json_schema", "text"], ["json_schema", "text"]],
  ];

  it.each(failing)("after %s", async (_why, scripts, first, second) => {
    const ask = model(scripts);
    const turns = [await ask(), await ask(), await ask()];
    for (const { metadata } of turns) expect(metadata.analysis_points).toEqual(expect.any(Array));
    expect(turns.map(({ forms }) => forms.slice(0, -1)).slice(0, 2)).toEqual([first, second]);
    // What fails twice in a row is left out.
    expect(turns[2]?.forms).toHaveLength(2);
  });

  it("but once may be chance: it is asked for as before in the next turn", async () => {
    const scripts: Scripts = {
      json_schema: {
        ...faults.responseFormatUnsupported,
        error: { message: "Failed to generate JSON", code: "json_validate_failed" },
      },
    };
    const ask = model(scripts);
    expect((await ask()).forms).toEqual(["json_schema", "tool", "answer"]);
    scripts.json_schema = undefined;
    expect((await ask()).forms).toEqual(["json_schema", "answer"]);
    scripts.json_schema = faults.empty;
    await ask();
    expect((await ask()).forms[0]).toBe("json_schema");
  });

  it.each<[string, Reply]>([
    ["the key is wrong", faults.unauthorized],
    ["the model is unknown", faults.modelNotFound],
    ["the context is too long", faults.contextTooLong],
    ["the model refuses", faults.refusal],
    ["the credit is used up", { status: 402, error: { message: "Insufficient credits" } }],
    ["the rate limit is reached", { ...faults.quotaExceeded }],
  ])("but not if %s", async (_why, reply) => {
    const { forms } = await model({ json_schema: reply })();
    expect(forms).toEqual(["json_schema", "answer"]);
  });

  it("and nothing is learned if no way works", async () => {
    const scripts: Scripts = {
      json_schema: noFormat,
      tool: noFormat,
      text: { status: 400, error: { message: "Invalid 'messages'" } },
    };
    const ask = model(scripts);
    expect((await ask()).metadata).not.toHaveProperty("analysis_points");
    expect((await ask()).forms.slice(0, 2)).toEqual(["json_schema", "tool"]);
  });
});

describe("a structured step ends soon", () => {
  it.each<[string, Reply]>([
    [
      "blanks come behind its object without an end",
      { chunks: [inspection, ...Array<string>(3_000).fill("  \n")], chunkDelayMs: 5 },
    ],
    ["nothing comes behind its object", { chunks: [inspection], stallAfter: 1 }],
  ])("if %s", async (_what, reply) => {
    const { metadata, forms, ms } = await model({ json_schema: reply, text: prose })();
    expect(metadata).toMatchObject(found);
    expect(forms).toEqual(["json_schema", "answer"]);
    expect(ms).toBeLessThan(3_000);
  });

  it("if blanks come within its object without an end", async () => {
    const { metadata, forms } = await model({
      json_schema: { chunks: [inspection.slice(0, 11), ...Array<string>(3_000).fill(" \n ")], chunkDelayMs: 1 },
    })();
    expect(metadata.analysis_points).toEqual(expect.any(Array));
    expect(forms).toEqual(["json_schema", "text", "answer"]);
  });

  it("and keeps the usage that follows its object", async () => {
    const { metadata } = await model({
      json_schema: { chunks: [inspection, "\n"], usage: { input: 1_000, output: 500 } },
      answer: { text: "Here", usage: { input: 1, output: 1 } },
    })();
    expect(metadata.usage).toMatchObject({ input_tokens: 1_001, output_tokens: 501, llm_calls: 2 });
  });
});

describe("the router", () => {
  it("is asked for a reply without temperature, if the model does not take it", async () => {
    const ask = model({
      json_schema: ({ body }) =>
        body.temperature === undefined
          ? { json: { type: "complex", confidence: "0.9", reason: "x", standalone_question: null } }
          : {
              status: 400,
              error: { message: "Unsupported value: 'temperature' does not support 0", param: "temperature" },
            },
    });
    const first = await ask({});
    expect(first.metadata.routing).toMatchObject({ decided_by: "model", confidence: 0.9 });
    expect(first.metadata).not.toHaveProperty("warnings");
    expect((await ask({})).forms.filter((form) => form === "json_schema")).toHaveLength(2); // its own and the engine's step
  });

  it("is asked again if a kept connection turns out to be closed", async () => {
    let isFirst = true;
    const ask = model({
      json_schema(request) {
        const reply = isFirst ? ({ cutAfter: "request" } as const) : smartReply(request);
        isFirst = false;
        return reply;
      },
    });
    await ask({ options: { engine: "simple" } });
    expect((await ask({})).metadata.routing?.decided_by).toBe("model");
  });
});

describe("a server that refuses six things one after the other", () => {
  const refusals: [(request: ModelRequest) => unknown, string][] = [
    [({ body }) => body.stream_options, "stream_options: Extra inputs are not permitted"],
    [({ messages }) => messages.some(({ role }) => role === "system"), "System role not supported"],
    [({ body }) => body.temperature, "temperature is not supported"],
    [({ responseFormat }) => responseFormat, "response_format is not supported"],
    [({ tools }) => tools.length > 0, "tools are not supported"],
    [({ body }) => body.max_tokens, "Use max_completion_tokens instead of max_tokens"],
  ];

  it.each([
    ["in this order", refusals],
    ["in the opposite order", refusals.toReversed()],
  ])(
    "works from its second turn on with one request a call, %s, and tells what the client did not get",
    async (_order, refusals) => {
      const refuse: Script = (request) => {
        const message = refusals.find(([isRefused]) => isRefused(request))?.[1];
        return message
          ? { status: 400, error: { message } }
          : request.user.includes('"points"')
            ? { json: JSON.parse(inspection) }
            : { text: "Fine." };
      };
      const ask = model({ json_schema: refuse, tool: refuse, text: refuse, answer: refuse });
      const settings = { temperature: 0.7, max_tokens: 300 };
      const payload = { options: { engine: "analysis" }, llm_config: { model: names.at(-1), ...settings } };
      names.pop();
      const first = await ask(payload);
      expect(first.metadata).toMatchObject(found);
      const second = await ask(payload);
      expect(second.forms).toHaveLength(2);
      expect(second.metadata).toMatchObject({ ...found, usage: { llm_calls: 2 } });
      for (const { metadata } of [first, second]) {
        expect(metadata.warnings).toEqual([expect.stringMatching(/does not take temperature 0\.7/)]);
      }
      expect(server.model.requests.at(-1)?.body).toMatchObject({ max_completion_tokens: 300 });
    },
  );
});
