import { afterAll, beforeAll, describe, it } from "vitest";

import { isLong, size } from "../support/size.ts";
import { type Crash, crash } from "./crash-points/crash.ts";
import { judge } from "./crash-points/judge.ts";
import { type Lane, lane } from "./crash-points/lane.ts";
import { points } from "./crash-points/points.ts";
import { figures, percentile } from "./support.ts";

/** Servers that run at the same time. */
const lanes = size(1, 3);
const rounds = size(1, 3);
const crashes: Crash[] = [];

/** `npm test` runs only the first point of every sixth scenario. */
const firsts = [...new Map(points.toReversed().map((point) => [point.scenario, point])).values()];
const tried = isLong ? points : firsts.filter((_, index) => index % 6 === 0);

const runs = Array.from({ length: rounds }, (_, round) =>
  tried.map((point, index) => {
    const { crash, countStep = 0 } = point;
    const later = { ...crash, count: crash.count + round * countStep };
    return { point: { ...point, crash: later }, id: `${round}-${index}`, warmUps: (round + 1) % 3 };
  }),
).flat();

describe.each(Array.from({ length: lanes }, (_, index) => index))(
  "a process that dies",
  { concurrent: true },
  (own) => {
    let running: Lane;
    beforeAll(async () => {
      running = await lane();
    });
    afterAll(() => running.close());

    for (const { point, id, warmUps } of runs.filter((_, index) => index % lanes === own)) {
      const name = `killed at "${point.name}" a server loses and doubles no turn, and repeats no finished step (turns before: ${warmUps})`;
      it(name, { timeout: 30_000, concurrent: false }, async () => {
        const seen = await crash(running, point, id, warmUps).catch(revived(running));
        crashes.push(seen);
        judge(seen);
      });
    }
  },
);

afterAll(() => {
  const recovered = crashes.flatMap(recoveries);
  const quantiles = (values: number[]) => ({
    p50: percentile(values, 50),
    p99: percentile(values, 99),
    max: percentile(values, 100),
  });
  figures("kill -9 at named points", {
    kills: crashes.length + crashes.filter(({ point }) => point.again).length,
    turns: crashes.reduce((sum, { history }) => sum + history.length, 0),
    takenUp: recovered.length,
    restartsSeen: crashes.reduce((sum, seen) => sum + restarts(seen), 0),
    sentAgain: crashes.filter(({ duplicates }) => duplicates.length > 0).length,
    fromStartMs: quantiles(recovered.map(({ sinceStart }) => sinceStart)),
    fromListeningMs: quantiles(recovered.map(({ sinceListening }) => sinceListening)),
  });
});

/** How long the recovered turns took to end, as seen by the first member that returned. */
function recoveries({ members, history, spawnedAt, listeningAt }: Crash) {
  const { plain, cursor } = members;
  const ends = history.map(({ turn_id }) => [plain, cursor].flatMap((member) => member.terminals(turn_id)));
  const firsts = ends.map((all) => Math.min(...all.map(({ at }) => at)));
  return firsts
    .filter((at) => at > spawnedAt)
    .map((at) => ({ sinceStart: at - spawnedAt, sinceListening: at - listeningAt }));
}

/** A failure here must not affect the following points. */
function revived(lane: Lane) {
  return async (error: unknown): Promise<never> => {
    await lane.revive();
    throw error;
  };
}

function restarts({ members, spawnedAt }: Crash): number {
  const events = Object.values(members).flatMap((member) => member.events);
  return events.filter(({ at, payload }) => at > spawnedAt && payload.restart).length;
}
