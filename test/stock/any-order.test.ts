import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";

import { figures, seed } from "../reliability/support.ts";
import { isLong, size } from "../support/size.ts";
import { type Action, type Kind, Run } from "./any-order-run.ts";
import { type Asking, startAsking } from "./asking-engine.ts";

/** Conversations in all. */
const runs = Number(process.env.TEST_RUNS ?? size(8, 2_000));
const minutes = size(2, 15);

const device = fc.nat({ max: 1 });
const nth = fc.nat({ max: 5 });
const kind = fc.constantFrom<Kind>("permit", "permit", "stock", "stock", "all", "twice", "plain");
const only = <Name extends Action["do"]>(name: Name) => ({ do: fc.constant(name) });
const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });

const action: fc.Arbitrary<Action> = fc.oneof(
  often(10, fc.record({ ...only("message"), device, kind, whenBusy: fc.constantFrom("queue", "queue", "replace") })),
  often(3, fc.record({ ...only("edit"), device, target: nth, kind })),
  often(2, fc.record({ ...only("regenerate"), device, target: nth })),
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
  often(10, fc.record(only("settle"))),
);

let asking: Asking;
beforeAll(async () => {
  asking = await startAsking();
});
afterAll(() => asking[Symbol.asyncDispose]());

/** Conversations of one server at the same time. */
const together = 8;

/** What happens in a conversation before the server is restarted, if it is, and after that. */
const lists = fc.array(fc.array(action, { minLength: 1, maxLength: 13, size: "max" }), {
  minLength: together,
  maxLength: together,
});
const orders = fc.record({ before: lists, after: lists, restarts: isLong ? fc.boolean() : fc.constant(true) });

it("in any order of questions, answers, stops, edits and restarts, every question is answered once, and no tool runs twice or without permission", {
  timeout: minutes * 60_000,
}, async () => {
  const until = performance.now() + (minutes * 60 - 20) * 1_000;
  const counts: Record<string, number> = { runs: 0, restarts: 0 };
  const count = (name: string) => {
    counts[name] = (counts[name] ?? 0) + 1;
  };

  async function act(run: Run, actions: readonly Action[] = []): Promise<void> {
    for (const next of actions) {
      count(next.do);
      await run.act(next);
    }
  }

  const holds = fc.asyncProperty(orders, async ({ before, after, restarts }) => {
    if (performance.now() > until) return;
    const all = before.map(() => {
      count("runs");
      return new Run(asking, `run-${counts.runs}`);
    });
    try {
      await Promise.all(all.map((run) => run.begin()));
      await Promise.all(all.map((run, index) => act(run, before[index])));
      if (restarts) {
        count("restarts");
        await Promise.all(all.map((run) => run.leave()));
        await asking.restart();
        await Promise.all(all.map((run) => run.begin()));
      }
      await Promise.all(all.map((run, index) => act(run, after[index])));
      const wrong = await Promise.all(all.map((run) => run.finish()));
      expect(wrong.flat()).toEqual([]);
      expect(asking.rows("graph_checkpoints", "graph_writes", "tool_calls", "waits")).toEqual([0, 0, 0, 0]);
    } finally {
      await Promise.all(all.map((run) => run.close()));
    }
  });
  try {
    await fc.assert(holds, { numRuns: Math.ceil(runs / together), seed });
  } finally {
    figures("waiting in any order", { seed, ...counts });
  }
});
