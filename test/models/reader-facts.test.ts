import { describe, expect, it } from "vitest";

import { chunk, completion, event, everyWay, read } from "./reading.ts";

const answer = "Trees branch, lists do not.";
const [first, second] = ["Trees branch, ", "lists do not."];
const parts = chunk({ content: first }) + chunk({ content: second });
const stop = chunk({}, "stop");

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
