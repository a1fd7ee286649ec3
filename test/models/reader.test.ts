import { describe, expect, it } from "vitest";

import { chunk, completion, event, everyWay, read, stream } from "./reading.ts";

const answer = "Trees branch, lists do not.";
const [first, second] = ["Trees branch, ", "lists do not."];
const parts = chunk({ content: first }) + chunk({ content: second });
const stop = chunk({}, "stop");
const done = event("[DONE]");
const whole = JSON.stringify(completion({ role: "assistant", content: answer }));
const pretty = JSON.stringify(completion({ role: "assistant", content: answer }), null, 2);

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
