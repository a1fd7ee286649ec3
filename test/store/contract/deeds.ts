import fc from "fast-check";

import type { Outcome } from "../../../src/store/turns.ts";

/** An operation on the store. Turns and claims are given as an index into those that exist by then, modulo their number. */
export type Deed =
  | { type: "accept"; at: number; clientId?: string; maxAhead: number; mayClaim: boolean }
  | { type: "replace"; turn: number; mayClaim: boolean }
  | { type: "claim"; at: number }
  | { type: "finish"; claim: number; status: Outcome["status"]; response: string; reasoning?: string; isSent: boolean }
  | { type: "endQueued"; turn: number; isSent: boolean; beside: number }
  | { type: "ask"; claim: number; questions: number }
  | { type: "answer"; turn: number; questions: readonly number[] }
  | { type: "endWaiting"; turn: number; isSent: boolean }
  | { type: "release"; claim: number }
  | { type: "renew" }
  | { type: "requestStop"; turn: number }
  | { type: "keepStep"; claim: number; name: string; result: string }
  | { type: "summarise"; at: number; isLate: boolean }
  | { type: "mark"; turn: number; delivery: "sent" | "acknowledged" }
  | { type: "reset"; at: number }
  | { type: "wait"; isLong: boolean };

export function deeds(conversations: number): fc.Arbitrary<Deed> {
  const at = fc.nat(conversations - 1);
  /** Usually the newest one. */
  const index = fc.oneof({ weight: 3, arbitrary: fc.constant(-1) }, fc.nat(20));
  const type = <Name extends Deed["type"]>(name: Name) => fc.constant(name);
  const deed = <Name extends Deed["type"]>(
    weight: number,
    name: Name,
    fields: { [Field in keyof Omit<Extract<Deed, { type: Name }>, "type">]: fc.Arbitrary<unknown> },
  ) => ({ weight, arbitrary: fc.record({ type: type(name), ...fields }) as unknown as fc.Arbitrary<Deed> });
  return fc.oneof(
    deed(8, "accept", {
      at,
      clientId: fc.constantFrom(undefined, undefined, undefined, "m1", "\ud800", "\ud801"),
      maxAhead: fc.nat(3),
      mayClaim: fc.boolean(),
    }),
    deed(3, "replace", { turn: index, mayClaim: fc.boolean() }),
    deed(6, "claim", { at }),
    deed(8, "finish", {
      claim: index,
      status: fc.constantFrom("completed", "stopped", "failed"),
      response: fc.constantFrom("Because.", "Half", "", " "),
      reasoning: fc.constantFrom(undefined, "Hm."),
      isSent: fc.boolean(),
    }),
    deed(3, "endQueued", { turn: index, isSent: fc.boolean(), beside: fc.constantFrom(1, 2, 3) }),
    deed(5, "ask", { claim: index, questions: fc.integer({ min: 1, max: 3 }) }),
    deed(5, "answer", { turn: index, questions: fc.subarray([0, 1, 2], { minLength: 1 }) }),
    deed(2, "endWaiting", { turn: index, isSent: fc.boolean() }),
    deed(2, "release", { claim: index }),
    deed(2, "renew", {}),
    deed(2, "requestStop", { turn: index }),
    deed(3, "keepStep", { claim: index, name: fc.constantFrom("a", "b"), result: fc.constantFrom("1", "2") }),
    deed(3, "summarise", { at, isLate: fc.boolean() }),
    deed(2, "mark", { turn: index, delivery: fc.constantFrom("sent", "acknowledged") }),
    deed(1, "reset", { at }),
    deed(2, "wait", { isLong: fc.boolean() }),
  );
}
