import { express, hono, inTurns, langGraph, theServer, theVersionBefore } from "../contestants.ts";
import type { Measure, Row } from "../figures.ts";
import type { Stage } from "../stage.ts";
import { throughput } from "../throughput.ts";

const pace = { tokens: 10, firstMs: 0, everyMs: 0, gated: false };
const load = { conversations: 50, turnsEach: 10, pace };

const goals: Record<string, { perSecond?: string; cpu?: string }> = {
  "the version before": { cpu: "≤ 0.6, aim 0.5" },
  "Express + AI SDK": { perSecond: "≥ 0.8, aim 1" },
};

/** Express stores nothing, LangGraph's development server stores everything in memory, Hono with LangGraph stores its threads in SQLite. */
export function peers(stage: Stage): Row {
  const measure = inTurns((program, { open }) => throughput(program, open, load));

  return {
    title: `Peers: whole turns, ${load.conversations} conversations at once, answers of ${pace.tokens} tokens`,
    against: "peer",
    async round() {
      const all = [...theVersionBefore(stage), express(stage), hono(stage), langGraph(stage)];
      const { served, others } = await measure(theServer(stage), all);
      return others.flatMap(({ name, ...peer }) => {
        const line = (what: string, unit: string, key: keyof typeof peer): Measure => {
          return {
            name: `${name}: ${what}`,
            unit,
            by: "ratio",
            bare: peer[key],
            server: served[key],
            goal: goals[name]?.[key],
          };
        };
        return [line("turns", "per second", "perSecond"), line("CPU", "ms per turn", "cpu")];
      });
    },
  };
}
