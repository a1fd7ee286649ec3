// `npm run -s dataset`: exports past turns as lines of a dataset. See `usage`.
import { isConversationType } from "../graphs/engines.ts";
import { config } from "../src/config.ts";
import { openRecords } from "../src/open-records.ts";
import { commandLine, fail, WrongUse } from "../src/settings/command-line.ts";
import { environmentWith } from "../src/settings/environment.ts";
import type { Records } from "../src/store/records.ts";
import { datasetLine } from "../src/workbench/dataset.ts";
import { recordOf } from "../src/workbench/record.ts";
import { endWithReader } from "./closed-pipe.ts";
import { number } from "./replay/arguments.ts";

const usage = `Prints past turns as dataset lines.

  npm run -s dataset -- <turn_id>  >> evals/datasets/mine.jsonl
  npm run -s dataset -- --last 20  >> evals/datasets/mine.jsonl
    --engine simple                           with --last: only turns of this engine
`;

async function main(): Promise<void> {
  const { values, positionals } = commandLine(usage, {
    allowPositionals: true,
    options: { last: { type: "string" }, engine: { type: "string" } },
  });
  const { engine } = values;
  const last = number("--last", values.last);
  const [turnId] = positionals;
  if ((turnId === undefined) === (last === undefined))
    throw new WrongUse("Name one turn, or use --last; --help shows how.");
  if (engine !== undefined && !isConversationType(engine))
    throw new WrongUse(`--engine: there is no engine "${engine}".`);
  process.env = environmentWith(".env", process.env);
  endWithReader();
  const records = await openRecords(config(process.env).DATABASE_URL);
  try {
    const ids = turnId === undefined ? (await records.latest(last ?? 0, engine)).map(({ id }) => id) : [turnId];
    for (const id of ids) {
      const line = await lineOf(records, id);
      if (line) process.stdout.write(`${JSON.stringify(line)}\n`);
      else if (turnId !== undefined) throw new Error(`The inputs of turn ${id} were not kept; it cannot be exported.`);
      else process.stderr.write(`Skipped turn ${id}: its inputs were not kept.\n`);
    }
  } finally {
    await records.close();
  }
}

/** Undefined if the turn's inputs were not kept. */
async function lineOf(records: Records, turnId: string): Promise<ReturnType<typeof datasetLine> | undefined> {
  const turn = await records.turn(turnId);
  if (!turn) throw new Error(`There is no turn ${turnId}.`);
  const recorded = await recordOf(records, turn);
  return recorded.memory && datasetLine(recorded);
}

main().catch(fail);
