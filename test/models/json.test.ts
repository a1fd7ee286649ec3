import { AIMessage } from "@langchain/core/messages";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";

import { fitting, objectsIn, shape } from "../../graphs/fitting.ts";
import { jsonObjects } from "../../graphs/json.ts";
import { ObjectWatch } from "../../graphs/object-watch.ts";

const Plan = shape(
  "plan",
  z.object({ steps: z.array(z.string()), title: z.string(), sureness: z.number(), kind: z.enum(["short", "long"]) }),
);
const plan = { steps: ["dig", "fill"], title: "A pond", sureness: 0.5, kind: "short" };
const json = JSON.stringify(plan);

describe("JSON as models write it", () => {
  it.each<[string, string, object[]]>([
    ["in a fence", '```json\n{"a": 1}\n```', [{ a: 1 }]],
    ["in prose with braces", 'In {curly braces}, like so: {"a": 1}. Fine {', [{ a: 1 }]],
    ["with trailing commas", '{"a": [1, 2,], "b": {"c": 3,},}', [{ a: [1, 2], b: { c: 3 } }]],
    ["with raw line feeds and tabs in texts", '{"a": "one\ntwo\tthree"}', [{ a: "one\ntwo\tthree" }]],
    ["with one brace too many", '{"a": 1}}', [{ a: 1 }]],
    ["with quotes that are not escaped", '{"a": "a "big" one", "b": 2}', [{ a: 'a "big" one', b: 2 }]],
    ["with single quotes", "{'a': 'it's here', 'b': ['x']}", [{ a: "it's here", b: ["x"] }]],
    ["with bare keys", "{a: 1, b_2: [true]}", [{ a: 1, b_2: [true] }]],
    ["with Python's literals", '{"a": True, "b": None, "c": False}', [{ a: true, b: null, c: false }]],
    ["with a comma missing between lines", '{"a": [\n"x"\n"y"\n]}', [{ a: ["x", "y"] }]],
    ["with wrong escapes", '{"a": "C:\\dir\\\'s \\u00e9 \\n"}', [{ a: "C:\\dir's é \n" }]],
    ["as text that is JSON once more", JSON.stringify('{"a":1}'), [{ a: 1 }]],
    ["as several objects", '{"a":1} then {"b":2}', [{ a: 1 }, { b: 2 }]],
    ["as a list", '[{"a":1},{"b":2}]', [{ a: 1 }, { b: 2 }]],
    ["within a damaged object", '{"draft": {"a": 1} and so on', [{ a: 1 }]],
    ["after a text without an end", '{"a": "no end {"b": [1]}', [{ b: [1] }]],
    ["that was cut", '{"a": ["x", "y"', []],
    ["that is no object", '"a" 1 [2] null', []],
    ["with a key that JavaScript minds", '{"__proto__": {"a": 1},}', [JSON.parse('{"__proto__": {"a": 1}}')]],
  ])("is read %s", (_how, text, expected) => {
    expect(jsonObjects(text)).toEqual(expected);
  });

  const object = fc.dictionary(fc.string(), fc.jsonValue());

  it("is read as JSON.parse does, whatever stands around it", () => {
    const prose = fc.string().map((text) => text.replaceAll(/[{}"']/g, ""));
    fc.assert(
      fc.property(object, prose, prose, fc.boolean(), (value, before, after, isPretty) => {
        const text = JSON.stringify(value, null, isPretty ? 2 : 0);
        expect(jsonObjects(`${before}${text}${after}`)).toEqual([JSON.parse(text)]);
      }),
    );
  });

  it("is looked for in any text, cut anywhere, without an error", () => {
    const text = fc.oneof(
      fc.string(),
      fc
        .array(fc.constantFrom("{", "}", "[", "]", '"', "'", "\\", ",", ":", "a", "1", "null", "\n", " ", json))
        .map((parts) => parts.join("")),
      fc.tuple(object, fc.nat()).map(([value, at]) => JSON.stringify(value).slice(0, at % 60)),
    );
    fc.assert(
      fc.property(text, (any) => {
        for (const found of jsonObjects(any)) expect(found).toBeTypeOf("object");
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    "{",
    '{"a":',
    "[{",
    '{"',
    '{"{',
    "{'",
    '{"a":"\\',
    '{"a" "',
    "{a:",
    '{"a":"x" ',
    "{}",
    '{"a":{}',
    "{ \n",
    '{"a":"b" c',
    "1{",
    "<think>",
  ])("takes linear time on a text of %j alone", (part) => {
    const text = (units: number) => part.repeat(Math.ceil(units / part.length));
    const time = (units: number) => {
      const from = performance.now();
      fitting(jsonObjects(text(units)), Plan);
      const watch = new ObjectWatch(Plan);
      watch.add(text(units));
      return performance.now() - from;
    };
    time(60_000);
    const [small, large] = [60_000, 240_000].map((units) => Math.min(...[1, 2, 3].map(() => time(units))));
    expect(large).toBeLessThan(16 * Math.max(5, small ?? 0)); // four times as long, or sixteen if it were quadratic
  });
});

describe("an object that is expected", () => {
  const find = (fields: ConstructorParameters<typeof AIMessage>[0]) => fitting(objectsIn(new AIMessage(fields)), Plan);
  const found = (content: string) => find({ content });

  it.each<[string, string]>([
    ["alone", json],
    ["after drafts", `{"steps": []} ${json.replace("pond", "lake")} No. ${json} That is it.`],
    ["before other objects", `${json} for {"title": "x"}`],
    ["in a tool call that was written as text", `<tool_call>\n{"name": "plan", "arguments": ${json}}\n</tool_call>`],
    ["in a tool call with parameters", `{"name": "plan", "parameters": ${json}}`],
    ["in a tool call with its arguments as text", JSON.stringify({ name: "plan", arguments: json })],
    [
      "in OpenAI's form of a tool call",
      JSON.stringify({ tool_calls: [{ function: { name: "plan", arguments: json } }] }),
    ],
    ["in a key with its name", `{"plan": ${json}, "note": "x"}`],
    ["in a single key", `{"result": ${json}}`],
    ["behind thinking", `<think>${json.replace("pond", "lake")}</think>${json}`],
    ["behind thinking that began in the prompt", `First ${json.replace("pond", "lake")}</think>\n${json}`],
    ["with a number in quotes", json.replace("0.5", '"0.5"')],
  ])("is found %s", (_where, content) => {
    expect(found(content)).toEqual(plan);
  });

  it("has an empty list or text where the model writes null", () => {
    expect(found('{"steps": null, "title": null, "sureness": 1, "kind": "long"}')).toEqual({
      steps: [],
      title: "",
      sureness: 1,
      kind: "long",
    });
  });

  it.each([
    ["null for a number or a choice", '{"steps": [], "title": "", "sureness": null, "kind": null}'],
    ["a text for a list", json.replace('["dig","fill"]', '"dig"')],
    ["elements of another type", json.replace('"dig"', "1")],
    ["thinking alone", `<think>${json}</think>`],
    ["thinking without an end", `<think>${json}`],
    ["a schema", JSON.stringify(Plan.json)],
    ["a list of thousands", json.replace('"dig"', Array(1_500).fill('"dig"').join(","))],
  ])("is not found in %s", (_what, content) => {
    expect(found(content)).toBeUndefined();
  });

  it("is found in the reasoning only if there is no text", () => {
    const additional_kwargs = { reasoning_content: `So: ${json}` };
    expect(find({ content: " \n", additional_kwargs })).toEqual(plan);
    expect(find({ content: "I do not know.", additional_kwargs })).toBeUndefined();
  });

  it("is found in a tool call, whether its arguments were read or not", () => {
    const call = { id: "1", name: "plan", type: "tool_call" as const };
    expect(
      find({
        content: "",
        tool_calls: [
          { ...call, args: {} },
          { ...call, args: plan },
        ],
      }),
    ).toEqual(plan);
    const invalid = { id: "1", name: "plan", type: "invalid_tool_call" as const };
    expect(find({ content: "", invalid_tool_calls: [{ ...invalid, args: json.replace("}", ",}") }] })).toEqual(plan);
  });
});

describe("a reply that is followed", () => {
  const follow = (...pieces: string[]) => {
    let now = 0;
    const watch = new ObjectWatch(Plan, () => now);
    const states = pieces.map((piece) => {
      now += 100;
      watch.add(piece);
      return watch.isOver ? "over" : watch.isComplete ? "complete" : "open";
    });
    return { states, value: watch.value };
  };

  it("is complete with an object that fits, and over when only blanks follow", () => {
    const { states, value } = follow("Here: ", json.slice(0, 20), json.slice(20), "\n", " ".repeat(20), " ".repeat(20));
    expect(states).toEqual(["open", "open", "complete", "complete", "complete", "over"]);
    expect(value).toEqual(plan);
  });

  it("goes on when text follows", () => {
    expect(follow(json, "\nBut", json.replace("pond", "lake")).states).toEqual(["complete", "open", "complete"]);
    expect(follow(`${json} or {"title":"x"}`).states).toEqual(["open"]);
  });

  it("is over when nothing but blanks comes, in length or time", () => {
    expect(follow('{"steps":', " ".repeat(300), "\n".repeat(300)).states.at(-1)).toBe("over");
    expect(follow(...Array<string>(60).fill(" ")).states.at(-1)).toBe("over");
    expect(follow(...Array<string>(60).fill(" x")).states.at(-1)).toBe("open");
  });

  it("finds the object, wherever the network splits it", () => {
    const text = `Well {this} is it:\n${JSON.stringify({ ...plan, title: 'a } "quoted" \\ one' })}`;
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: text.length - 1 })), (cuts) => {
        const places = [0, ...cuts.sort((one, other) => one - other), text.length];
        const pieces = places.slice(1).map((to, index) => text.slice(places[index], to));
        expect(follow(...pieces).value?.title).toBe('a } "quoted" \\ one');
      }),
    );
  });
});
