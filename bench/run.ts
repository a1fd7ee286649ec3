// `npm run bench`: measures the server against bare limits, and against what a user would build instead, in the same run. See `usage`.
import { mkdirSync } from "node:fs";
import { cpus, release } from "node:os";
import { resolve } from "node:path";

import { commandLine, fail, WrongUse } from "../src/settings/command-line.ts";
import { compared, type Measure, type Row, spread } from "./figures.ts";
import { rowsOf } from "./rows.ts";
import { type Stage, stage } from "./stage.ts";
import { type Line, markdown, type Section } from "./table.ts";

const usage = `Measures the server against bare limits, and against what a user would build instead, in the same run.

  npm run bench
    --rounds 5
    --only turns,peers                        only these rows, by name or letter
    --before ../earlier                       an earlier checkout to compare with
    --checkout ../other                       test the server of another checkout
    --profile folder                          save CPU profiles of the server
    --postgres                                on Postgres and Redis, instead of SQLite
    --unpinned                                do not pin processes to cores
    --json
`;

const options = {
  rounds: { type: "string", default: "5" },
  only: { type: "string" },
  before: { type: "string" },
  checkout: { type: "string" },
  json: { type: "boolean", default: false },
  profile: { type: "string" },
  postgres: { type: "boolean", default: false },
  unpinned: { type: "boolean", default: false },
} as const;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));

async function main(): Promise<void> {
  const { values } = commandLine(usage, { options });
  const began = performance.now();
  const rounds = Number(values.rounds);
  if (!(rounds >= 1)) throw new WrongUse("--rounds expects a number of at least 1.");
  const chosen = rowsOf(values.only);
  if (values.profile) mkdirSync(values.profile, { recursive: true });
  const staged = stage({
    wantsPinning: !values.unpinned,
    wantsPostgres: values.postgres,
    profiles: values.profile,
    checkout: values.checkout && resolve(values.checkout),
    before: values.before && resolve(values.before),
  });
  const rows = chosen.map((make) => make(staged));
  await measured(
    rows.filter((row) => !row.startsCold),
    1,
    "warming up",
  );
  const sections = await measured(rows, rounds, "round");
  const report = { about: about(rounds, began), sections, notes: notes(staged, values.postgres) };
  process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : markdown(report));
}

/** Measures all rows, round by round, so that noise from the machine affects all of them alike. */
async function measured(chosen: Row[], rounds: number, what: string): Promise<Section[]> {
  const found = new Map<Row, Measure[][]>(chosen.map((row) => [row, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const row of chosen) {
      process.stderr.write(`\r\u001b[K${what} ${round} of ${rounds}: ${row.title}`);
      found.get(row)?.push(await row.round());
    }
  }
  process.stderr.write("\r\u001b[K");
  return [...found].map(([{ title, against, tested }, measures]) => ({
    title,
    against,
    tested,
    lines: lines(measures),
  }));
}

function lines(rounds: Measure[][]): Line[] {
  return (rounds[0] ?? []).map(({ name, unit, by, goal = "" }, index) => {
    const all = rounds.flatMap((measures) => measures[index] ?? []);
    const bare = spread(all.map((measure) => measure.bare));
    const server = spread(all.map((measure) => measure.server));
    return { name, unit, by, goal, bare, server, result: spread(all.map(compared)) };
  });
}

function about(rounds: number, began: number): Record<string, string> {
  return {
    machine: `${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${process.platform} ${release()}`,
    date: new Date().toISOString().slice(0, 16),
    node: process.version,
    rounds: `${rounds}, median (min–max)`,
    took: `${Math.round((performance.now() - began) / 1000)} s`,
  };
}

function notes({ isPinned }: Stage, isOnPostgres: boolean): string[] {
  const storage = isOnPostgres
    ? "Storage is Postgres on this machine's disk, with Redis beside it, both on the core of the model server."
    : "Storage is SQLite on this machine's disk.";
  return [
    isPinned
      ? "The measured process has one core to itself; the model server and this client share another."
      : "Processes are not pinned: the measured one, the model server and this client share all cores.",
    "Both sides are measured one after the other in each round; ratios and differences are computed per round.",
    "At full speed the model server writes 8 tokens at a time, because with single tokens it would be the bottleneck. When paced, it writes one.",
    `All messages choose their engine, simple except for the agents, so no turn makes a routing call. ${storage}`,
    "Of the peers, only Hono with LangGraph stores conversations on disk. Express with the AI SDK gets them with every request, and LangGraph's development server keeps them in memory.",
  ];
}

main().then(
  () => process.exit(0),
  (error: unknown) => fail(error instanceof WrongUse ? error : `\n${error instanceof Error ? error.stack : error}`),
);
