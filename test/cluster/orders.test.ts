import fc from "fast-check";
import { afterAll, expect, it } from "vitest";

import { type Action, action } from "../orders/actions.ts";
import { broken, brokenSoFar, count } from "../orders/broken.ts";
import { shown } from "../orders/record.ts";
import { run } from "../orders/run.ts";
import { silenceMs } from "../orders/script.ts";
import { figures, seed } from "../reliability/support.ts";
import { size } from "../support/size.ts";
import { seeded } from "../support/tcp-proxy.ts";
import { cluster } from "./support/cluster.ts";

const lanes = [1, 2];
const runsOfLane = size(16, 500) / lanes.length;
const minutes = size(3, 20);
const counts: Record<string, number> = {};
afterAll(() => figures("orders over two nodes", { seed, ...counts }));

it.concurrent.each(lanes)(
  "in any order of pushes and drops, every promise is kept to clients that move between two nodes (lane %i)",
  { timeout: minutes * 60_000 },
  async (lane) => {
    const random = seeded(seed + lane);
    await using nodes = await cluster({ nodes: 2, env: { MODEL_TIMEOUT_MS: String(silenceMs) } });
    const place = () => nodes.node(random() < 0.5 ? 0 : 1);
    const server = {
      /** Each connection goes to a random node. */
      url: () => place().http,
      restart: () => place().restart("SIGTERM"),
    };
    let runs = 0;
    const holds = fc.asyncProperty(
      fc.array(action, { minLength: 1, maxLength: 40, size: "max" }),
      async (actions: Action[]) => {
        runs += 1;
        const one = await run(server, `lane${lane}-${runs}`);
        nodes.model.reset();
        nodes.model.answer(one.scripts.answer);
        try {
          for (const next of actions) {
            if (next.do === "restart") continue; // the run would wait for all devices to rejoin; those of the other node stay
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
    await fc.assert(holds, {
      numRuns: runsOfLane,
      endOnFailure: true, // a server does not forget what was tried before
      seed: seed + lane,
      interruptAfterTimeLimit: (minutes * 60 - 20) * 1000,
      markInterruptAsFailure: true,
    });
  },
);
