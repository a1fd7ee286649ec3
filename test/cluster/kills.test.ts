import { expect, it } from "vitest";

import { figures, percentile, seed } from "../reliability/support.ts";
import { isLong, size } from "../support/size.ts";
import { seeded } from "../support/tcp-proxy.ts";
import { answers } from "./support/answers.ts";
import { askingProject, askingTalk, wrongEffects } from "./support/asking-talk.ts";
import { cluster } from "./support/cluster.ts";
import { broken } from "./support/proof.ts";
import { killNodes, takeovers } from "./support/takeover.ts";
import { talk } from "./support/talk.ts";

const engines = ["simple", "complex", "analysis", "problem_solving", "multi_step", "simple"];
const patienceMs = 60_000;

it("kill -9 of random nodes loses no turn, doubles none, and asks for no finished step again", {
  timeout: size(180_000, 1_800_000),
}, async () => {
  const random = seeded(seed);
  using project = askingProject();
  await using nodes = await cluster({ folder: project.folder });
  const told = answers(nodes.model, { words: 30, everyMs: 50, stepMs: 150 });
  const killing = killNodes(nodes, { random, kills: size(6, 100), everyMs: size(3500, 6000) });
  const shared = { url: nodes.front.url, random, turns: 2, until: killing, isImpatient: true, patienceMs };
  const talks = await Promise.all([
    ...engines.map((engine, n) => talk({ ...shared, id: `kills-${n}`, engine, kinds: ["cursor", "plain"] })),
    ...[0, 1].map((n) => askingTalk({ ...shared, id: `asks-${n}`, kinds: ["cursor", "plain"], project, told })),
  ]);
  const killedAt = await killing;
  const taken = takeovers(told, killedAt);
  const times = taken.flatMap(({ ms, isDisturbed }) => (isDisturbed ? [] : [ms]));
  const judged = isLong ? times : taken.map(({ ms }) => ms); // of a few takeovers, all may be disturbed
  const disturbed = taken.flatMap(({ ms, isDisturbed }) => (isDisturbed ? [ms] : []));
  const deadly = await nodes.database.rows("SELECT id FROM turns WHERE attempt - released >= 3");
  const killedThrice = new Set(deadly.map(({ id }) => id));
  for (const one of talks.flatMap(({ asked }) => asked)) if (killedThrice.has(one.turnId)) one.mayFail = true;
  const turns = talks.flatMap(({ history }) => history);
  figures("kill -9 of nodes", {
    seed,
    kills: killedAt.length,
    turns: turns.length,
    takenOver: taken.length,
    interrupted: turns.filter(({ status }) => status === "failed").length,
    rejoins: talks.flatMap(({ members }) => members).reduce((sum, { joins }) => sum + joins.length - 1, 0),
    takeoverMs: { p50: percentile(times, 50), p99: percentile(times, 99), max: percentile(times, 100) },
    withAnotherKillMeanwhile: { turns: disturbed.length, p50: percentile(disturbed, 50) },
  });
  expect(broken(talks, told)).toEqual([]);
  expect(wrongEffects(talks, project)).toEqual([]);
  expect(taken.length).toBeGreaterThan(0);
  expect(percentile(judged, 50)).toBeLessThan(isLong ? 4000 : 10_000);
  expect(percentile(judged, 99)).toBeLessThan(isLong ? 6000 : 15_000);
  for (const { members } of talks) for (const member of members) await member.close();
});
