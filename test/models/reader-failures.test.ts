import { describe, expect, it } from "vitest";

import { chunk, completion, event, everyWay, read } from "./reading.ts";

const answer = "Trees branch, lists do not.";
const [first, second] = ["Trees branch, ", "lists do not."];
const parts = chunk({ content: first }) + chunk({ content: second });
const stop = chunk({}, "stop");
const done = event("[DONE]");
const whole = JSON.stringify(completion({ role: "assistant", content: answer }));

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
