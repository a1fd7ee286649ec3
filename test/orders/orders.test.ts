import fc from "fast-check";
import { afterAll, expect, it } from "vitest";

import { figures, seed, unlimited } from "../reliability/support.ts";
import { size } from "../support/size.ts";
import { start } from "../support/start.ts";
import { type Action, action } from "./actions.ts";
import { broken, brokenSoFar, count } from "./broken.ts";
import { shown } from "./record.ts";
import { run } from "./run.ts";
import { silenceMs } from "./script.ts";

const lanes = [1, 2, 3, 4, 5];
const runsOfLane = size(25, 2000) / lanes.length;
const minutes = size(2, 12);
const counts: Record<string, number> = {};
afterAll(() => figures("orders", { seed, ...counts }));

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
          count(one, counts);
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
