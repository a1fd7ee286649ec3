import { describe, expect, it } from "vitest";

import { chunk, completion, event, read, stream } from "./reading.ts";

const answer = "Trees branch, lists do not.";
const thought = "Two structures.";
const stop = chunk({}, "stop");
const harmony = `<|channel|>analysis<|message|>${thought}<|end|><|start|>assistant<|channel|>final<|message|>${answer}`;

/** The text in pieces of every length from 1 to 12, and whole. */
function inPieces(text: string): string[] {
  return [1, 2, 3, 5, 8, 12, text.length].map((size) =>
    stream(...(text.match(new RegExp(`[^]{1,${size}}`, "gu")) ?? [])),
  );
}

describe("reasoning is no part of the answer", () => {
  it.each<[string, string]>([
    ["in <think>", `<think>\n${thought}\n</think>\n\n${answer}`],
    ["in <think> behind blanks", `\n\n <think>${thought}</think>${answer}`],
    ["in <thinking>", `<thinking>${thought}</thinking>\n${answer}`],
    ["in <reasoning>", `<reasoning>\n${thought}</reasoning>\n${answer}`],
    ["in <thought>", `<thought>\n${thought}</thought>\n${answer}`],
    ["in <Think>", `<Think>${thought}</THINK>${answer}`],
    ["in [THINK]", `[THINK]${thought}[/THINK]${answer}`],
    ["in ◁think▷", `◁think▷${thought}◁/think▷${answer}`],
    ["in Seed's tags", `<seed:think>${thought}</seed:think>${answer}`],
    ["in two blocks", `<think>Two </think>\n\n<think>structures.</think>${answer}`],
    ["in Harmony's channels", harmony],
    ["in Harmony's channels with an end", `<|start|>assistant${harmony}<|return|>`],
  ])("%s", (_where, content) => {
    for (const body of inPieces(content)) {
      const outcome = read(body);
      expect(outcome).toMatchObject({ text: answer });
      expect("reasoning" in outcome && outcome.reasoning.trim()).toBe(thought);
    }
    expect(read(JSON.stringify(completion({ content })))).toMatchObject({ text: answer });
  });

  it.each<[string, string]>([
    [
      "reasoning_content",
      chunk({ content: null, reasoning_content: "Two " }) + chunk({ reasoning_content: "structures." }),
    ],
    ["reasoning", chunk({ content: "", reasoning: "Two " }) + chunk({ reasoning: "structures." })],
    ["both, with the same text", chunk({ reasoning: thought, reasoning_content: thought })],
    [
      "reasoning and its details",
      chunk({ reasoning: thought, reasoning_details: [{ type: "reasoning.text", text: thought }] }),
    ],
    [
      "details alone",
      chunk({
        reasoning_details: [
          { type: "reasoning.summary", summary: thought },
          { type: "reasoning.encrypted", data: "x" },
        ],
      }),
    ],
    [
      "a list of thinking parts",
      chunk({ content: [{ type: "thinking", thinking: [{ type: "text", text: thought }] }] }),
    ],
    [
      "thinking parts",
      chunk({
        content: [
          { type: "thinking", thinking: "Two " },
          { type: "thinking", thinking: "structures." },
        ],
      }),
    ],
    [
      "reasoning parts",
      chunk({ content: [{ type: "reasoning", summary: [{ type: "summary_text", text: thought }] }] }),
    ],
    [
      "the reasoning so far",
      ["Two ", "Two struct", thought].map((reasoning_content) => chunk({ reasoning_content })).join(""),
    ],
    [
      "malformed reasoning beside it",
      chunk({ reasoning_content: thought, reasoning: 7 }) + chunk({ reasoning: 8, thinking: { text: [9] } }),
    ],
  ])("in %s", (_where, events) => {
    expect(read(events + chunk({ content: answer }) + stop)).toMatchObject({ text: answer, reasoning: thought });
  });

  it("in a whole message behind the parts, once", () => {
    const whole = event(completion({ content: answer, reasoning_content: thought }));
    const parts = chunk({ reasoning_content: thought }) + chunk({ content: answer });
    expect(read(parts + whole)).toMatchObject({ text: answer, reasoning: thought });
  });

  it("and JSON that comes as reasoning can be read there", () => {
    const body =
      chunk({ content: null, reasoning_content: '{"points":' }) +
      chunk({ content: null, reasoning_content: "[]}" }) +
      stop;
    expect(read(body)).toMatchObject({ text: "", reasoning: '{"points":[]}' });
  });

  it("and is cut if it has no end", () => {
    const outcome = read(
      chunk({ reasoning_content: "hm ".repeat(200_000) }).repeat(3) + chunk({ content: answer }) + stop,
    );
    expect(outcome).toMatchObject({ text: answer });
    expect("reasoning" in outcome && outcome.reasoning.length).toBe(1_048_576);
  });

  it("and never answers if its block does not end", () => {
    expect(read(stream(`<think>${thought} And <b`))).toMatchObject({ text: "", reasoning: `${thought} And <b` });
  });
});

describe("a closing tag that was never opened", () => {
  it("makes reasoning of all text before it", () => {
    for (const body of inPieces(`Two\nstructures.\n</think>\n\n${answer}`)) {
      expect(read(body)).toMatchObject({ text: answer, reasoning: expect.stringMatching(/^Two\nstructures.\n?$/) });
    }
    expect(read(stream(`</think>\n\n${answer}`))).toMatchObject({ text: answer, reasoning: "" });
  });

  it("discards the text that was passed on", () => {
    const [open, rest] = [
      chunk({ content: "Hm, lists.\n" }),
      chunk({ content: "</think>\n" }) + chunk({ content: answer }) + stop,
    ];
    const outcome = read(open + rest, { cuts: [Buffer.byteLength(open)] });
    expect(outcome).toMatchObject({ text: answer, reasoning: "Hm, lists.\n", isRestarted: true });
  });

  it.each([
    "The tag </think> ends the thinking.",
    "First <think> opens,\n</think>\ncloses.",
    "```html\n</think>\n```",
    "Use `</think>`.",
    "a\n</thinker>\nb",
  ])("is text in %j", (text) => {
    for (const body of inPieces(text)) expect(read(body)).toMatchObject({ text, reasoning: "" });
  });
});

describe("text that looks like a tag stays text", () => {
  it.each([
    "<table><tr></tr></table>",
    "<thimble>",
    "<",
    "<|",
    "  indented",
    "[1] is a note. [think] so.",
    "`<think>` begins a block that `</think>` ends.",
    "Write <think>x</think> around it.",
    "a <|channel|> b",
    "\n\n\n",
  ])("%j", (text) => {
    for (const body of inPieces(text)) expect(read(body)).toMatchObject({ text, reasoning: "" });
  });

  it("behind a block too", () => {
    const text = "Tags: <think>x</think>, </think>\n</think>";
    for (const body of inPieces(`<think>${thought}</think>${text}`))
      expect(read(body)).toMatchObject({ text, reasoning: thought });
  });
});
