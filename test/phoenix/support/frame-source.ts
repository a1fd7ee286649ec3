import type { Json, SentFrame } from "./socket-model.ts";

export type Step =
  | { do: "send"; frame: SentFrame; text: string }
  | { do: "spoil"; data: string | Buffer }
  | { do: "release"; topic: string };

export const topics = ["held:a", "held:b", "held:c", "held:d"];
const otherTopics: Json[] = ["nowhere", "phoenix", "held", "", "__proto__", null, 7, {}, [], `held:${"t".repeat(80)}`];
const events: Json[] = [
  "now",
  "now",
  "now",
  "held",
  "held",
  "held",
  "phx_leave",
  "phx_leave",
  "boom",
  "stop",
  "heartbeat",
];
const oddEvents: Json[] = [null, 7, {}, [], true, "__proto__", "phx_reply", "phx_close", "phx_error", ""];
const oddRefs: Json[] = [null, "", 0, 5, true, {}, { o: 1 }, [], "r".repeat(80)];
const payloads = ["{}", "[]", "null", '"text"', "7", '{"a":"]}\\",["}', '{"__proto__":{"held":true}}'];
const deep = "[".repeat(40) + "]".repeat(40);
const many = `[${"0,".repeat(20_001)}0]`;
const spoilt = [
  "",
  "{",
  "[]",
  "[1,2,3,4",
  "nonsense",
  '{"topic":"held:a"}',
  '["1","2","held:a","now",{]',
  "[1,2,3,4]",
  "\u0000",
];

/** A source of steps that is the same for the same seed. */
export function frameSource(seed: number, version: 1 | 2, joinRefOf: (topic: string) => Json) {
  let state = seed;
  /** From 0 to below 1 (mulberry32). */
  function random(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
  const chance = (one: number) => random() < one;
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T; // the list is not empty
  let count = 0;

  function next(): Step {
    count += 1;
    if (chance(0.12)) return { do: "release", topic: pick(topics) };
    if (chance(0.004))
      return { do: "spoil", data: pick([...spoilt, Buffer.from([9, 9]), Buffer.from([0, 255, 255, 1, 1, 0])]) };
    const topic = chance(0.94) ? pick(topics) : pick(otherTopics);
    const isJoin = chance(0.2);
    const ref = chance(0.97) ? `r${count}` : pick(oddRefs);
    const event = isJoin ? "phx_join" : chance(0.96) ? pick(events) : pick(oddEvents);
    const isDeep = chance(0.03);
    const isHeld = isJoin && chance(0.4);
    const isDenied = isJoin && chance(0.15);
    const frame = { joinRef: joinRefFor(topic, ref, isJoin), ref, topic, event, isDeep, isHeld, isDenied };
    return { do: "send", frame, text: textOf(frame, isJoin) };
  }

  function joinRefFor(topic: Json, ref: Json, isJoin: boolean): Json {
    if (chance(0.1)) return null;
    if (chance(0.03)) return pick(oddRefs);
    if (isJoin) return ref;
    return chance(0.9) && typeof topic === "string" ? joinRefOf(topic) : "stale";
  }

  function textOf({ joinRef, ref, topic, event, isDeep, isHeld, isDenied }: SentFrame, isJoin: boolean): string {
    const orders = JSON.stringify({ isHeld, isDenied });
    const payload = isDeep
      ? chance(0.02) && !isOdd([joinRef, ref, topic, event])
        ? many
        : deep
      : isJoin
        ? orders
        : pick(payloads);
    const fields = [joinRef, ref, topic, event].map((field) => JSON.stringify(field));
    if (version === 2) return `[${fields.join(",")},${payload}${chance(0.02) ? ",8" : ""}]`;
    const [ofJoin, own, on, what] = fields;
    const pairs = [`"topic":${on}`, `"event":${what}`, `"payload":${payload}`, `"ref":${own}`, `"join_ref":${ofJoin}`];
    return `{${pairs.join(",")}}`;
  }

  return { next };
}

/** Objects in the other fields of a frame that is too deep make it no frame at all. */
export function isOdd(fields: Json[]): boolean {
  return fields.some((field) => typeof field === "object" && field !== null);
}
