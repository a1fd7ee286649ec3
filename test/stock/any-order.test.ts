import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";

import { figures, seed } from "../reliability/support.ts";
import { size } from "../support/size.ts";
import { type Action, type Kind, Run } from "./any-order-run.ts";
import { type Asking, startAsking } from "./asking-engine.ts";

const runs = size(8, 2_000);
const minutes = size(2, 60);

const device = fc.nat({ max: 1 });
const nth = fc.nat({ max: 5 });
const kind = fc.constantFrom<Kind>("permit", "permit", "all", "twice", "plain");
const only = <Name extends Action["do"]>(name: Name) => ({ do: fc.constant(name) });
const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });

const action: fc.Arbitrary<Action> = fc.oneof(
  often(10, fc.record({ ...only("message"), device, kind, whenBusy: fc.constantFrom("queue", "queue", "replace") })),
  often(3, fc.record({ ...only("edit"), device, target: nth, kind })),
  often(
    14,
    fc.record({
      ...only("respond"),
      device,
      question: nth,
      value: fc.constantFrom("yes", "no"),
      isTwice: fc.boolean(),
    }),
  ),
  often(3, fc.record({ ...only("respondLate"), device, question: nth })),
  often(5, fc.record({ ...only("stop"), device, target: nth })),
  often(1, fc.record({ ...only("reset"), device })),
  often(6, fc.record({ ...only("reconnect"), device })),
  often(2, fc.record(only("restart"))),
  often(10, fc.record(only("settle"))),
);

let asking: Asking;
beforeAll(async () => {
  asking = await startAsking();
});
afterAll(() => asking[Symbol.asyncDispose]());

it("in any order of questions, answers, stops, edits and restarts, every question is answered once, and no tool runs twice or without permission", {
  timeout: minutes * 60_000,
}, async () => {
  const until = performance.now() + (minutes * 60 - 20) * 1_000;
  const counts: Record<string, number> = {};
  const holds = fc.asyncProperty(fc.array(action, { minLength: 3, maxLength: 25, size: "max" }), async (actions) => {
    if (performance.now() > until) return;
    counts.runs = (counts.runs ?? 0) + 1;
    const run = new Run(asking, `run-${counts.runs}`);
    await run.begin();
    try {
      for (const next of actions) {
        counts[next.do] = (counts[next.do] ?? 0) + 1;
        await run.act(next);
      }
      expect(await run.finish()).toEqual([]);
      expect(asking.rows("graph_checkpoints", "graph_writes", "tool_calls", "waits")).toEqual([0, 0, 0, 0]);
    } finally {
      await run.close();
    }
  });
  try {
    await fc.assert(holds, { numRuns: runs, seed });
  } finally {
    figures("waiting in any order", { seed, ...counts });
  }
});
