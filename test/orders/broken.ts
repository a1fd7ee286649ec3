import { model } from "./model.ts";
import { wrongHistories, wrongOutcomes } from "./outcomes.ts";
import { wrongReplies } from "./replies.ts";
import { malformed, outOfOrder, repeatedSteps, wronglyRemembered } from "./requests.ts";
import type { Run } from "./run.ts";
import { wronglySeen, wronglyTold } from "./seen.ts";

/** Violations that can be detected before the run ends. */
export function* brokenSoFar(one: Run): Generator<string> {
  for (const device of one.devices) for (const wrong of wronglySeen(device)) yield `${device.name}: ${wrong}`;
  yield* malformed(one);
}

/** Violations at the end of a run. */
export function* broken(one: Run): Generator<string> {
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

/** Adds what happened in a run. */
export function count(one: Run, counts: Record<string, number>): void {
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
