import fc from "fast-check";

import type { Kind } from "./device.ts";

export const endings = [
  "whole",
  "length",
  "cut",
  "hang",
  "refusal",
  "empty",
  "emptyOnce",
  "blankOnce",
  "error",
  "errorOnce",
] as const;

/** How the model behaves in one turn. */
export interface Plan {
  ending: (typeof endings)[number];
  /** Pieces of the reasoning before the answer. */
  thoughts: number;
  /** Pieces of the answer. */
  pieces: number;
  /** Interval between two pieces. */
  paceMs: number;
  /** Sends only released pieces. */
  isHeld: boolean;
}

/** An index into the turns known so far, modulo their number. `none` leaves out the turn id. */
export type Target = number | "unknown" | "none";
/** Whether the next action waits for the reply. */
export type Way = "waits" | "goesOn";

interface Pushed {
  device: number;
  way: Way;
}

interface Message extends Omit<Pushed, "way"> {
  do: "message";
  /** For messages also: the connection drops before the message, or its reply, arrives. */
  way: Way | "lost" | "replyLost";
  whenBusy: "queue" | "replace" | "reject";
  engine: "simple" | "analysis" | "complex";
  /** A new id, or the index of an earlier one. */
  id: "none" | "own" | number;
  plan: Plan;
}

export type Action =
  | Message
  | (Pushed & { do: "stop"; target: Target })
  | (Pushed & { do: "regenerate"; target: Target; plan: Plan })
  | (Pushed & { do: "edit"; target: Target; plan: Plan })
  | (Pushed & { do: "new_conversation" })
  | (Pushed & { do: "set_context" })
  | (Pushed & { do: "feedback"; target: Target })
  | (Pushed & { do: "get_history"; limit: number | undefined; before: Target })
  | { do: "release"; target: number; pieces: number | "all" }
  | { do: "drop"; device: number }
  | { do: "blink"; device: number }
  | { do: "return"; device: number }
  | { do: "join"; kind: Kind }
  | { do: "leave" }
  | { do: "settle" }
  | { do: "restart" };

const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });
const device = fc.nat({ max: 2 });
const nth = fc.nat({ max: 11 });
const way = fc.oneof(often(3, fc.constant<Way>("waits")), often(1, fc.constant<Way>("goesOn")));
const target: fc.Arbitrary<Target> = fc.oneof(
  often(4, fc.constant<Target>("none")),
  often(5, nth),
  often(1, fc.constant<Target>("unknown")),
);
const named: fc.Arbitrary<Target> = fc.oneof(often(9, nth), often(1, fc.constant<Target>("unknown")));

const plan: fc.Arbitrary<Plan> = fc.record({
  ending: fc.oneof(
    often(18, fc.constant("whole" as const)),
    often(1, fc.constant("hang" as const)),
    often(9, fc.constantFrom(...endings.filter((ending) => ending !== "hang" && ending !== "whole"))),
  ),
  thoughts: fc.constantFrom(0, 0, 1, 2, 3),
  pieces: fc.integer({ min: 1, max: 5 }),
  paceMs: fc.constantFrom(0, 0, 4, 16),
  isHeld: fc.boolean(),
});

const message: fc.Arbitrary<Message> = fc.record({
  do: fc.constant("message" as const),
  device,
  way: fc.oneof(often(6, way), often(1, fc.constantFrom("lost" as const, "replyLost" as const))),
  whenBusy: fc.constantFrom("queue", "queue", "queue", "replace", "reject"),
  engine: fc.constantFrom("simple", "simple", "simple", "analysis", "complex"),
  id: fc.oneof(
    often(3, fc.constant("none" as const)),
    often(3, fc.constant("own" as const)),
    often(1, fc.nat({ max: 5 })),
  ),
  plan,
});

const pushed = { device, way };
const only = <Name extends Action["do"]>(name: Name) => ({ do: fc.constant(name) });

export const action: fc.Arbitrary<Action> = fc.oneof(
  often(22, message),
  often(7, fc.record({ ...only("stop"), ...pushed, target })),
  often(5, fc.record({ ...only("regenerate"), ...pushed, target, plan })),
  often(4, fc.record({ ...only("edit"), ...pushed, target: named, plan })),
  often(2, fc.record({ ...only("new_conversation"), ...pushed })),
  often(2, fc.record({ ...only("set_context"), ...pushed })),
  often(2, fc.record({ ...only("feedback"), ...pushed, target: named })),
  often(
    4,
    fc.record({
      ...only("get_history"),
      ...pushed,
      limit: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
      before: target,
    }),
  ),
  often(
    24,
    fc.record({
      ...only("release"),
      target: nth,
      pieces: fc.constantFrom<number | "all">(1, 2, 3, "all"),
    }),
  ),
  often(6, fc.record({ ...only("drop"), device })),
  often(12, fc.record({ ...only("blink"), device })),
  often(8, fc.record({ ...only("return"), device })),
  often(3, fc.record({ ...only("join"), kind: fc.constantFrom<Kind>("cursor", "plain") })),
  often(2, fc.record(only("leave"))),
  often(3, fc.record(only("settle"))),
  often(1, fc.record(only("restart"))),
);
