import { describe, expect, it } from "vitest";

import { chunk, completion, event, read, stream } from "./reading.ts";

const answer = "Trees branch, lists do not.";
const [first, second] = ["Trees branch, ", "lists do not."];
const parts = chunk({ content: first }) + chunk({ content: second });
const stop = chunk({}, "stop");
const done = event("[DONE]");
const whole = JSON.stringify(completion({ role: "assistant", content: answer }));
const pretty = JSON.stringify(completion({ role: "assistant", content: answer }), null, 2);

/** The same body, as one read, and byte by byte and in odd pieces if it is short. */
function everyWay(body: string, options: Parameters<typeof read>[1] = {}) {
  const { length } = Buffer.from(body);
  const every = (size: number) => Array.from({ length: Math.floor(length / size) }, (_, index) => index * size);
  return [[], ...(length < 10_000 ? [every(1), every(7)] : [])].map((cuts) => read(body, { ...options, cuts }));
}

describe("an answer is read as it is meant", () => {
  it.each<[string, string]>([
    ["as events", parts + stop + done],
    ["without [DONE]", parts + stop],
    ["without a finish reason", parts + done],
    ["with neither, in a body that ends in order", parts],
    ["without a blank line at the end", (parts + stop).trimEnd()],
    [
      "with empty events as signs of life",
      `data:\n\n${chunk({ content: first })}data: \n\ndata:\n\n${chunk({ content: second })}${stop}`,
    ],
    [
      "with null events as signs of life",
      `data: null\n\n${chunk({ content: first })}data: null\n\n${chunk({ content: second })}${stop}`,
    ],
    ["with pings", `event: ping\ndata: {"type":"ping"}\n\ndata: ping\n\n: x\n\n${parts}data: 1\n\n${stop}${done}`],
    ["with comments in every place", `: queued\n\n:\n${parts.replaceAll("\n\n", "\n: more\n\n: yet\n")}${stop}${done}`],
    ["with one line feed between events", (parts + stop + done).replaceAll("\n\n", "\n")],
    ["with carriage returns alone", (parts + stop + done).replaceAll("\n", "\r")],
    ["with carriage returns and line feeds", (parts + stop + done).replaceAll("\n", "\r\n")],
    ["with a byte order mark", `\ufeff${parts}${stop}${done}`],
    ["with names and ids of events", (parts + stop).replaceAll("data: ", "id: 7\nevent: message\nretry: 10\ndata:")],
    ["with indented lines", (parts + stop + done).replaceAll("data:", "  data:")],
    ["with one prefix too many", (parts + stop + done).replaceAll("data:", "data: data:")],
    [
      "with an event over many lines",
      `data: {"choices":\ndata: [{"delta": {"content":\ndata: "${answer}"}}]}\n\n${stop}`,
    ],
    ["with two events on one line", `${parts.replace("\n\ndata: ", "")}${stop}${done}`],
    ["as one object a line", (parts + stop + done).replaceAll("data: ", "").replaceAll("\n\n", "\n")],
    ["as a list of events", `[${(parts + stop).trim().replaceAll("data: ", "").replaceAll("\n\n", ",\n")}]`],
    ["as one completion", whole],
    ["as one completion on many lines", pretty],
    ["as one completion with carriage returns", pretty.replaceAll("\n", "\r\n")],
    ["as one completion behind blank lines", `\n \n\n${whole}\n`],
    ["as one completion behind comments", `: waiting\n\n: waiting\n\n${whole}`],
    ["as one completion with [DONE] behind it", `${whole}\ndata: [DONE]\n\n`],
    ["as one completion with [DONE] glued on", `${whole}data: [DONE]`],
    ["as one completion on many lines with [DONE] behind it", `${pretty}\ndata: [DONE]\n\n`],
    ["as one completion in an event", event(whole) + done],
    [
      "as one completion without a finish reason",
      JSON.stringify(completion({ content: answer }, { choices: [{ message: { content: answer } }] })),
    ],
    [
      "as one completion with an empty delta",
      event(JSON.stringify({ choices: [{ delta: {}, message: { content: answer }, finish_reason: "stop" }] })),
    ],
    ["as parts and once more as a whole", parts + event(whole)],
    [
      "as messages instead of deltas",
      [first, second].map((content) => event({ choices: [{ message: { content } }] })).join("") + stop,
    ],
    [
      "as the text so far, each time",
      ["Trees ", "Trees branch, ", first + second].map((content) => chunk({ content })).join("") + stop,
    ],
    [
      "as the text so far, once too often",
      [first, answer, answer, answer].map((content) => chunk({ content })).join("") + stop,
    ],
    [
      "as the text so far in messages",
      ["Trees ", first, answer].map((content) => event({ choices: [{ message: { content } }] })).join("") + stop,
    ],
    [
      "as parts of content",
      chunk({ content: [{ type: "text", text: first }] }) +
        chunk({
          content: [
            { type: "text", text: "lists " },
            { type: "text", text: "do not." },
          ],
        }) +
        stop,
    ],
    ["as one part of content", chunk({ content: { type: "text", text: answer } }) + stop],
    [
      "as parts and texts",
      chunk({ content: [first, { text: second }, { type: "image_url", image_url: {} }, null] }) + stop,
    ],
    [
      "as `text` of a choice",
      event({ choices: [{ text: first }] }) + event({ choices: [{ text: second, finish_reason: "stop" }] }),
    ],
    [
      "with a finish reason in every event",
      chunk({ content: first }, "stop") + chunk({ content: second }, "stop") + done,
    ],
    ["with an empty finish reason", chunk({ content: first }, "") + chunk({ content: second }, "null") + stop],
    [
      "with text behind the finish reason",
      chunk({ content: first }, "stop") + chunk({}, "stop") + chunk({ content: second }) + done,
    ],
    [
      "with an error that says nothing",
      event({
        error: { message: "", type: "", code: null },
        choices: [{ delta: { content: answer }, finish_reason: "stop" }],
      }),
    ],
    [
      "with null for everything else",
      event({
        id: null,
        model: null,
        error: null,
        usage: null,
        choices: [
          {
            index: null,
            delta: { role: null, content: answer, refusal: null, tool_calls: null, reasoning_content: null },
            finish_reason: null,
            logprobs: null,
          },
        ],
      }) + stop,
    ],
    [
      "with malformed facts beside it",
      event({
        id: {},
        model: {},
        usage: 1e308,
        created: "x",
        x_groq: 7,
        choices: [{ delta: { content: answer, role: 5 }, finish_reason: "stop", usage: "9" }],
      }),
    ],
    [
      "with events without choices",
      event({ id: "x" }) +
        event({ choices: [] }) +
        event({ choices: [null] }) +
        parts +
        event({ choices: null, usage: null }) +
        stop,
    ],
    ["with lines that mean nothing", `\0\n\n<html>\nevent\n:\n\nid 3\n\n[info] begun\n${parts}${stop}`],
    ["with an event that is cut behind the finish reason", `${parts}${stop}data: {"choices":[],"usa`],
    ["with nonsense behind the finish reason", `${parts}${stop}data: <html>\n\n${event({ choices: "?" })}`],
    [
      "with an error behind the finish reason",
      parts + stop + event({ error: { message: "usage is not counted", code: 500 } }),
    ],
  ])("%s", (_how, body) => {
    for (const outcome of everyWay(body)) expect(outcome).toMatchObject({ text: answer });
  });

  it("as parts, if the whole behind them differs", () => {
    expect(read(chunk({ content: `${answer}\n` }) + event(whole))).toMatchObject({ text: `${answer}\n` });
  });

  it("until its length is complete, though the connection breaks", () => {
    for (const outcome of everyWay(parts + stop, { isCut: true })) expect(outcome).toMatchObject({ text: answer });
    for (const outcome of everyWay(whole, { isCut: true })) expect(outcome).toMatchObject({ text: answer });
  });

  it.each([
    [["na", "nana"], "nanana"],
    [["1", "10", "0"], "1100"],
    [["\n", "\n\n", "x"], "\n\n\nx"],
    [["ha", "ha", "ha ha"], "hahaha ha"],
    [["la la la la la la ", "la la la la la la la "], "la la la la la la la "],
  ])("%j is what repeats itself", (texts, expected) => {
    for (const outcome of everyWay(stream(...texts))) expect(outcome).toMatchObject({ text: expected });
  });

  it("with characters of every kind", () => {
    const texts = ["Grüße 世", "界 👩‍🚀", '"quoted" \\ and\n', "tab\t", " \u2028 ", "`<b>`", "</think", "]"];
    for (const outcome of everyWay(stream(...texts, ...texts)))
      expect(outcome).toMatchObject({ text: texts.join("").repeat(2) });
  });
});

describe("a reply fails", () => {
  const half = chunk({ content: "Half of" });
  const unavailable = { code: "model_unavailable" };
  const refused = { code: "model_refused" };

  it.each<[string, string, object]>([
    ["cut without a length", "", unavailable],
    ["empty", "", unavailable],
    ["a page", "<html><body>502 Bad Gateway</body></html>", unavailable],
    ["a sentence", "Internal Server Error", unavailable],
    ["half a completion", whole.slice(0, -20), unavailable],
    ["half an event", half + stop.slice(0, 40), unavailable],
    ["a page as an event", `${half}data: <html>502</html>\n${chunk({ content: "more" })}`, unavailable],
    ["an object without anything", "{}", unavailable],
    ["only thoughts", chunk({ reasoning_content: "Hm" }), unavailable],
    ["choices that are a text", half + event({ choices: "abc" }), unavailable],
    ["a choice that is a number", half + event({ choices: [7] }), unavailable],
    ["a delta that is a text", half + event({ choices: [{ delta: "abc" }] }), unavailable],
    ["a message that is a list", half + event({ choices: [{ message: ["abc"] }] }), unavailable],
    ["content that is a number", half + chunk({ content: 42 }), unavailable],
    ["content that is true", half + chunk({ content: true }), unavailable],
    ["a text part that is a number", half + chunk({ content: [{ type: "text", text: 4 }] }), unavailable],
    ["content in too many lists", half + chunk({ content: [[[[[["x"]]]]]] }), unavailable],
    ["a finish reason that is an object", half + chunk({}, { type: "stop" }), unavailable],
    ["tool calls that are a text", half + chunk({ tool_calls: "abc" }), unavailable],
    ["a tool call that is a number", half + chunk({ tool_calls: [7] }), unavailable],
    ["a function that is a text", half + chunk({ tool_calls: [{ function: "f" }] }), unavailable],
    [
      "arguments that are a number",
      half + chunk({ tool_calls: [{ function: { name: "f", arguments: 7 } }] }),
      unavailable,
    ],
    [
      "a name that is an object",
      half + chunk({ tool_calls: [{ function: { name: {}, arguments: "" } }] }),
      unavailable,
    ],
    [
      "too many tool calls",
      half +
        Array.from({ length: 200 }, (_, index) => chunk({ tool_calls: [{ index, function: { name: "f" } }] })).join(""),
      unavailable,
    ],
    [
      "arguments that are too long",
      half + chunk({ tool_calls: [{ function: { name: "f", arguments: "x".repeat(300_000) } }] }),
      unavailable,
    ],
    ["an event without an end", `data: ${"x".repeat(17_000_000)}`, unavailable],
    ["a refusal", half + chunk({ refusal: "I cannot help." }), refused],
    ["a refusal in a message", JSON.stringify(completion({ content: null, refusal: "I cannot help." })), refused],
    ["a refusal as a part", half + chunk({ content: [{ type: "refusal", refusal: "no" }] }), refused],
    ["an error at the top", half + event({ error: { message: "boom" } }), { status: 500, message: "boom" }],
    ["an error that is a text", half + event({ error: "rate limited" }), { status: 429, message: "rate limited" }],
    [
      "an error beside null choices",
      half + event({ choices: null, error_type: "BadRequestError", error_message: "too long" }) + done,
      { status: 400, message: "too long" },
    ],
    [
      "an error in the choice",
      half + event({ choices: [{ delta: { content: "" }, error: { code: 502, message: "down" } }] }),
      { status: 502, message: "down" },
    ],
    ["an error as a finish reason", half + chunk({}, "error"), { status: 500 }],
    [
      "an error as a finish reason, told beside it",
      half + chunk({}, "error", { error: { code: 429, message: "slow down" } }),
      { status: 429 },
    ],
    [
      "an error as a name of an event",
      `${half}event: error\ndata: {"message":"overloaded","type":"overloaded_error"}\n\n`,
      { status: 503 },
    ],
    [
      "an error as a name of an event with a text",
      `${half}event: error\ndata: it broke\n\n`,
      { status: 500, message: "it broke" },
    ],
    [
      "an error in Anthropic's form",
      half + event({ type: "error", error: { type: "rate_limit_error", message: "slow" } }),
      { status: 429 },
    ],
    [
      "an error in vLLM's form",
      half + event({ object: "error", message: "bad", type: "BadRequestError", code: 400 }),
      { status: 400 },
    ],
    [
      "an error in FastAPI's form",
      event({ detail: [{ loc: ["body", "n"], msg: "too much" }] }),
      { param: "n", message: "too much" },
    ],
    [
      "an error in MiniMax's form",
      event({ choices: null, base_resp: { status_code: 1002, status_msg: "rate limit" } }),
      { status: 429 },
    ],
    [
      "a refusal in MiniMax's form",
      event({ choices: null, base_resp: { status_code: 1027, status_msg: "sensitive" } }),
      { status: 400, code: "content_filter" },
    ],
    [
      "an error in Google's form",
      `[${JSON.stringify({ error: { code: 429, status: "RESOURCE_EXHAUSTED", message: "quota" } })}]`,
      { status: 429 },
    ],
    [
      "an error of a provider behind the server",
      event({
        error: { code: 400, message: "Provider returned error", metadata: { raw: '{"error":{"message":"no tools"}}' } },
      }),
      { status: 400, message: "Provider returned error: no tools" },
    ],
    ["an error without `data:`", `${half}{"error":{"message":"boom","code":"503"}}\n`, { status: 503 }],
    [
      "an error on many lines without `data:`",
      `${half}${JSON.stringify({ error: { message: "boom" } }, null, 1)}\n`,
      { status: 500 },
    ],
    [
      "an overlong context",
      half + event({ error: { code: "context_length_exceeded", message: "too long" } }),
      { status: 400, code: "context_length_exceeded" },
    ],
    ["a used up quota", half + event({ error: { type: "insufficient_quota", message: "pay" } }), { status: 429 }],
    ["a wrong key", event({ error: { code: "invalid_api_key", message: "wrong" } }), { status: 401 }],
    ["an unknown model", event({ error: { type: "not_found_error", message: "no model" } }), { status: 404 }],
    ["a network error as a finish reason", half + chunk({}, "network_error"), { status: 500 }],
    [
      "an error, where finish reasons mean nothing",
      chunk({ content: "a" }, "stop") + chunk({ content: "b" }, "stop") + event({ error: { message: "boom" } }),
      { status: 500 },
    ],
  ])("%s", (_how, body, expected) => {
    for (const outcome of everyWay(body)) expect(outcome).toMatchObject({ error: expected });
  });

  it("that a connection cut before the end", () => {
    for (const outcome of everyWay(parts, { isCut: true })) expect(outcome).toMatchObject({ error: unavailable });
    for (const outcome of everyWay(parts, { isUntilClose: true }))
      expect(outcome).toMatchObject({ error: unavailable });
  });

  it.each([
    "content_filter",
    "SAFETY",
    "RECITATION",
    "PROHIBITED_CONTENT",
    "BLOCKLIST",
    "SPII",
    "refusal",
    "safety",
    "sensitive",
    "content_filtered",
    "guardrail_intervened",
    "FinishReason.SAFETY",
  ])("with the finish reason %s", (reason) => expect(read(half + chunk({}, reason))).toMatchObject({ error: refused }));

  it("without secrets in its message", () => {
    const said =
      "bad key sk-our-own-secret, also sk-proj-abcdef123 and Bearer abcdefghijklmnop and api_key=topsecret99";
    const outcome = read(event({ error: { message: said, code: 401 } }));
    expect(outcome).toMatchObject({ error: { status: 401 } });
    expect(JSON.stringify("error" in outcome && outcome.error.message)).not.toMatch(/own-secret|abcdef|topsecret/);
  });
});

describe("the end of a reply", () => {
  it.each([
    "length",
    "max_tokens",
    "MAX_TOKENS",
    "model_length",
    "max_output_tokens",
    "FinishReason.MAX_TOKENS",
    "FINISH_REASON_MAX_TOKENS",
    "model_context_window_exceeded",
  ])("by a limit is known as %s", (reason) =>
    expect(read(parts + chunk({}, reason))).toMatchObject({ text: answer, finish: "length" }),
  );

  it.each(["stop", "STOP", "end_turn", "eos", "tool_calls", "stop_sequence", "COMPLETE"])(
    "by the model is known as %s",
    (reason) => expect(read(parts + chunk({}, reason))).toMatchObject({ text: answer, finish: reason.toLowerCase() }),
  );

  it("is the last of several", () => {
    expect(read(chunk({ content: first }, "stop") + chunk({ content: second }, "MAX_TOKENS"))).toMatchObject({
      text: answer,
      finish: "length",
    });
  });
});

describe("the usage of a reply", () => {
  const usage = { prompt_tokens: 21, completion_tokens: 9, total_tokens: 30 };
  const counted = { message: { usage_metadata: { input_tokens: 21, output_tokens: 9, total_tokens: 30 } } };

  it.each<[string, string]>([
    ["at the top", parts + stop + event({ choices: [], usage })],
    ["in the choice", parts + event({ choices: [{ delta: {}, finish_reason: "stop", usage }] })],
    ["in x_groq", parts + chunk({}, "stop", { x_groq: { usage } })],
    [
      "in every event",
      parts.replaceAll('"logprobs":null', '"logprobs":null,"usage":{"prompt_tokens":1,"completion_tokens":1}') +
        chunk({}, "stop", { usage }),
    ],
    ["in Anthropic's words", parts + chunk({}, "stop", { usage: { input_tokens: 21, output_tokens: 9 } })],
    ["behind an invalid one", parts + chunk({}, "stop", { usage: { prompt_tokens: null }, x_groq: { usage } })],
    ["behind null", parts + chunk({}, "stop", { usage: null }) + event({ usage })],
  ])("is read %s", (_where, body) => {
    for (const outcome of everyWay(body)) expect(outcome).toMatchObject(counted);
  });

  it.each([1e308, "9", -1, 1.5, null, {}])("is not counted if it is %j", (count) => {
    const outcome = read(parts + chunk({}, "stop", { usage: { prompt_tokens: count, completion_tokens: count } }));
    expect(outcome).toMatchObject({ text: answer });
    expect("message" in outcome && outcome.message.usage_metadata).toBeFalsy();
  });
});

describe("tool calls", () => {
  const call = (args: unknown, more: object = {}) => ({
    index: 0,
    id: "c1",
    function: { name: "find", arguments: args },
    ...more,
  });
  const calls = (...list: unknown[]) =>
    list.map((each) => chunk({ tool_calls: Array.isArray(each) ? each : [each] })).join("") + chunk({}, "tool_calls");
  const args = { points: ["a"] };
  const json = JSON.stringify(args);

  it.each<[string, string]>([
    ["in parts", calls(call(json.slice(0, 5)), { index: 0, function: { arguments: json.slice(5) } })],
    ["as an object", calls(call(args))],
    ["encoded twice", calls(call(JSON.stringify(json)))],
    [
      "behind null",
      calls(
        call(null),
        { index: 0, id: null, function: { name: null, arguments: json } },
        { index: 0, function: { arguments: null } },
      ),
    ],
    ["behind an empty object", calls(call("{}"), { index: 0, function: { arguments: json } })],
    ["without an index", calls({ id: "c1", function: { name: "find", arguments: json } })],
    ["with its name in every part", calls(call(json.slice(0, 5)), call(json.slice(5)))],
    [
      "with a new id in every part",
      calls(call(json.slice(0, 5)), { index: 0, id: "c2", function: { arguments: json.slice(5) } }),
    ],
    ["as a whole behind its parts", calls(call(json)) + event(completion({ content: null, tool_calls: [call(json)] }))],
    ["in a message", JSON.stringify(completion({ content: null, tool_calls: [call(json)] }))],
    ["as a function call", chunk({ function_call: { name: "find", arguments: json } }) + chunk({}, "function_call")],
    ["without a finish reason", calls(call(json)).replace('"tool_calls"}]', "null}]")],
  ])("are read %s", (_how, body) => {
    for (const outcome of everyWay(body))
      expect(outcome).toMatchObject({ message: { tool_calls: [{ name: "find", args }] } });
  });

  it("with a new id and a name are new calls", () => {
    const body = calls(call("{}"), call(json, { id: "c2" }));
    expect(read(body)).toMatchObject({ message: { tool_calls: [{ args: {} }, { args }] } });
  });

  it("with invalid arguments keep them as they are", () => {
    expect(read(calls(call('{"points": [')))).toMatchObject({
      message: { tool_calls: [], invalid_tool_calls: [{ name: "find", args: '{"points": [' }] },
    });
  });

  it("with arguments that are nested too deeply fail", () => {
    const deep = `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`;
    const body = `data: {"choices":[{"delta":{"tool_calls":[{"function":{"name":"f","arguments":${deep}}}]}}]}\n\n${chunk({}, "stop")}`;
    expect(read(body)).toMatchObject({ error: { code: "model_unavailable" } });
  });
});
