import fc from "fast-check";

import { completion, event } from "./reading.ts";

/** Text as models send it, with everything that a reader might trip over. */
const words = fc.array(
  fc.oneof(
    fc.constantFrom(
      "Trees ",
      "branch. ",
      "\n",
      "世界 ",
      "👩‍🚀",
      '"',
      "\\",
      "{",
      "data: ",
      "[DONE]",
      "```",
      "null",
      "<b>",
      " ",
    ),
    fc.constantFrom("<think>", "</think>", "\n</think>\n", "<|channel|>final<|message|>", "<|end|>", "[THINK]", "<th"),
    fc.string({ unit: "grapheme", maxLength: 6 }),
  ),
  { maxLength: 6 },
);

const args = fc.constantFrom("", "{}", '{"a":', '"x"}', '{"a":[1]}', null, { a: 1 });
const toolCall = fc.record(
  {
    index: fc.nat(2),
    id: fc.constantFrom("c1", "c2", null),
    function: fc.record({ name: fc.constantFrom("find", null), arguments: args }),
  },
  { requiredKeys: ["function"] },
);
const delta = fc.oneof(
  { weight: 6, arbitrary: words.map((content) => ({ content: content.join("") })) },
  words.map((reasoning) => ({ content: null, reasoning_content: reasoning.join("") })),
  words.map((texts) => ({ content: texts.map((text) => ({ type: "text", text })) })),
  fc.array(toolCall, { maxLength: 2 }).map((tool_calls) => ({ tool_calls })),
);
const usage = { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 };
const finish = fc.constantFrom("stop", "length", "tool_calls", "MAX_TOKENS");

const events = fc
  .tuple(fc.array(delta, { minLength: 1, maxLength: 8 }), finish, fc.boolean())
  .map(([deltas, reason, counts]) => [
    ...deltas.map((each) => ({ id: "c", model: "m", choices: [{ index: 0, delta: each, finish_reason: null }] })),
    { id: "c", model: "m", choices: [{ index: 0, delta: {}, finish_reason: reason }], ...(counts && { usage }) },
  ]);

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What stands where something of another type is expected. */
const odd = fc.constantFrom<Json>(
  null,
  true,
  0,
  -1,
  1e308,
  "",
  "abc",
  [],
  ["x"],
  {},
  { error: "x" },
  { content: "x" },
  [[]],
);

/** The value with another one in a random place. */
function changed(value: Json, place: number, to: Json): Json {
  const keys = typeof value === "object" && value !== null ? Object.keys(value) : [];
  const key = keys[place % (keys.length + 1)];
  if (key === undefined) return to;
  const inner = (value as Record<string, Json>)[key] ?? null; // an object or a list, which has the key
  const made = changed(inner, Math.floor(place / (keys.length + 1)), to);
  return Array.isArray(value)
    ? value.map((item, index) => (String(index) === key ? made : item))
    : { ...(value as object), [key]: made };
}

/** Each valid stream, in one of the forms that servers give it; some with a value of another type. */
const valid = fc
  .tuple(
    events,
    fc.constantFrom("events", "tight", "lines", "whole", "returns"),
    fc.option(fc.tuple(fc.nat(), odd, fc.nat()), { freq: 2 }),
  )
  .map(([list, form, change]) => {
    const altered = list.map((each, index) =>
      change && change[2] % list.length === index ? changed(each as Json, change[0], change[1]) : each,
    );
    const texts = altered.map((each) => JSON.stringify(each));
    if (form === "whole") return JSON.stringify(completion({ content: texts.join(" ") }));
    if (form === "lines") return `${texts.join("\n")}\n`;
    const body = texts.map((text) => event(text)).join("") + event("[DONE]");
    return form === "tight" ? body.replaceAll("\n\n", "\n") : form === "returns" ? body.replaceAll("\n", "\r\n") : body;
  });

const mutation = fc.record({
  kind: fc.constantFrom("none", "cut", "drop", "repeat", "insert", "swap", "flip"),
  at: fc.nat(),
  length: fc.nat(60),
  text: fc.constantFrom(
    ":",
    "\n",
    "\r",
    "\n\n",
    "data:",
    "data: null\n\n",
    "data: [DONE]\n\n",
    "{",
    "}",
    '"',
    "\u0000",
    "[",
    "event: error\n",
    "\ufeff",
  ),
});

function mutate(
  bytes: Buffer,
  { kind, at, length, text }: typeof mutation extends fc.Arbitrary<infer Made> ? Made : never,
): Buffer {
  const from = at % (bytes.length + 1);
  const part = bytes.subarray(from, from + length);
  const [head, tail] = [bytes.subarray(0, from), bytes.subarray(from + length)];
  switch (kind) {
    case "cut":
      return head;
    case "drop":
      return Buffer.concat([head, tail]);
    case "repeat":
      return Buffer.concat([head, part, part, tail]);
    case "insert":
      return Buffer.concat([head, Buffer.from(text), bytes.subarray(from)]);
    case "swap":
      return Buffer.concat([tail, part, head]);
    case "flip":
      return Buffer.concat([head, Buffer.from(part).map((byte) => byte ^ 1), tail]);
    default:
      return bytes;
  }
}

/** A body, perhaps joined from two, with up to three mutations, and where the network splits it. */
export const mutated = fc
  .record({
    bodies: fc.array(valid, { minLength: 1, maxLength: 2, size: "max" }),
    mutations: fc.array(mutation, { maxLength: 3, size: "max" }),
    cuts: fc.array(fc.nat(), { maxLength: 6 }),
    isCut: fc.boolean(),
  })
  .map(({ bodies, mutations, cuts, isCut }) => {
    const body = mutations.reduce(mutate, Buffer.from(bodies.join("")));
    return { body, cuts: cuts.map((cut) => cut % (body.length + 1)), isCut };
  });
