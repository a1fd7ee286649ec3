import { setTimeout as sleep } from "node:timers/promises";

import { conversation } from "../client/conversation.ts";
import { median, type Row } from "../figures.ts";
import type { Program } from "../program.ts";
import type { Stage } from "../stage.ts";

const samples = 8;
/** For each of the three calls: router, plan and answer. */
const pace = { tokens: 10, firstMs: 200, everyMs: 0, gated: false };
/** The model and the local classifier both choose the engine `generation`, whose first step is a plan. */
const routed = `Write a Python function that returns the two largest numbers of a list. bench ${JSON.stringify(pace)}`;

/** Two servers on which the model always chooses the engine. One waits for it; the other starts the first step meanwhile. */
export function speculation(stage: Stage): Row {
  let servers: Promise<[Program, Program]> | undefined;
  const started = (ROUTING: string) => stage.fresh("server", { ROUTING, ROUTING_THRESHOLD: "1" });

  async function firstDelta({ url }: Program): Promise<number> {
    const times: number[] = [];
    for (let at = 0; at < samples; at += 1) {
      const one = await conversation(url);
      const began = performance.now();
      const turn = one.ask(pace, { routed });
      await turn.first;
      times.push(performance.now() - began);
      await turn.ended;
      one.close();
      await sleep(20);
    }
    return median(times);
  }

  return {
    title: "Speculation: an engine with a step, chosen by the model, each model call 200 ms (bare: ROUTING=model)",
    async round() {
      servers ??= Promise.all([started("model"), started("speculative")]);
      const [asking, speculating] = await servers;
      const bare = await firstDelta(asking);
      const server = await firstDelta(speculating);
      return [{ name: "time to the first delta", unit: "ms", bare, server, by: "difference" }];
    },
  };
}
