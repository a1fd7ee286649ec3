import fc from "fast-check";
import { afterAll, expect, it } from "vitest";

import { figures, seed, unlimited } from "../reliability/support.ts";
import { size } from "../support/size.ts";
import { start } from "../support/start.ts";
import { type Action, action } from "./actions.ts";
import { model } from "./model.ts";
import { wrongHistories, wrongOutcomes } from "./outcomes.ts";
import { shown } from "./record.ts";
import { wrongReplies } from "./replies.ts";
import { malformed, outOfOrder, repeatedSteps, wronglyRemembered } from "./requests.ts";
import { type Run, run } from "./run.ts";
import { silenceMs } from "./script.ts";
import { wronglySeen, wronglyTold } from "./seen.ts";

const lanes = [1, 2, 3, 4, 5];
const runsOfLane = size(75, 2000) / lanes.length;
const minutes = size(2, 12);
const counts: Record<string, number> = {};
afterAll(() => figures("orders", { seed, ...counts }));

/** Violations that can be detected before the run ends. */
function* brokenSoFar(one: Run): Generator<string> {
  for (const device of one.devices) for (const wrong of wronglySeen(device)) yield `${device.name}: ${wrong}`;
  yield* malformed(one);
}

function* broken(one: Run): Generator<string> {
  yield* brokenSoFar(one);
  const expected = model(one);
  yield* wrongReplies(expected);
  yield* wrongOutcomes(expected, one.devices);
  yield* wrongHistories(expected);
  yield* outOfOrder(expected);
  yield* wronglyRemembered(expected);
  yield* repeatedSteps(expected);
  for (const device of one.devices) for (const wrong of wronglyTold(expected, device)) yield `${device.name}: ${wrong}`;
}

function count(one: Run): void {
  const { turns } = model(one);
  const ends = turns.map((turn) => model(one).endOf(turn));
  const more = {
    ...one.counts,
    runs: 1,
    turns: turns.length,
    requests: one.scripts.asked.length,
    rejoins: one.devices.reduce((sum, { joins }) => sum + joins.length - 1, 0),
    inMidAnswer: one.devices.flatMap(({ joins }) => joins.filter(({ cursor }) => cursor?.offset)).length,
    failed: ends.filter((end) => end?.event === "error").length,
    stopped: ends.filter((end) => end?.payload.metadata?.stopped).length,
  };
  for (const [name, number] of Object.entries(more)) counts[name] = (counts[name] ?? 0) + number;
}

it.concurrent.each(lanes)(
  "in any order of pushes, drops and faults every promise of a turn is kept (lane %i)",
  { timeout: minutes * 60_000 },
  async (lane) => {
    const server = await start({ ...unlimited, MODEL_TIMEOUT_MS: String(silenceMs) });
    let runs = 0;
    const holds = fc.asyncProperty(
      fc.array(action, { minLength: 1, maxLength: 40, size: "max" }),
      async (actions: Action[]) => {
        runs += 1;
        const one = await run({ url: () => server.http, restart: () => server.restart() }, `lane${lane}-${runs}`);
        server.model.reset();
        server.model.answer(one.scripts.answer);
        try {
          for (const next of actions) {
            await one.act(next);
            expect([...brokenSoFar(one)]).toEqual([]);
          }
          await one.finish();
          expect([...broken(one)]).toEqual([]);
          count(one);
        } catch (error) {
          throw new Error(`after\n${one.ops.map(shown).join("\n")}`, { cause: error });
        } finally {
          await one.close();
        }
      },
    );
    try {
      await fc.assert(holds, {
        numRuns: runsOfLane,
        seed: seed + lane,
        interruptAfterTimeLimit: (minutes * 60 - 20) * 1000,
        markInterruptAsFailure: true,
      });
    } finally {
      await server.close();
    }
  },
);
