// `npm run eval`: runs datasets, judges the answers and compares them with earlier results. See `usage`.
import { dollars } from "../cli/replay/print.ts";
import { config } from "../src/config.ts";
import { isDemo } from "../src/models/models.ts";
import { checkProviders } from "../src/models/providers/check.ts";
import { fail } from "../src/settings/command-line.ts";
import { environmentWith } from "../src/settings/environment.ts";
import { argumentsOf } from "./arguments.ts";
import { printLosses, printResult, printTable } from "./print.ts";
import { keepResults, readResults } from "./results.ts";
import { evaluate, runAll } from "./run.ts";
import { suite, tasksOf } from "./suite.ts";
import { losses, type Summary, summaries } from "./summary.ts";

async function main(): Promise<void> {
  const wanted = argumentsOf(process.argv.slice(2));
  process.env = environmentWith(".env", process.env);
  const settings = config(process.env);
  await checkProviders(settings);
  const tasks = tasksOf(wanted);
  const before = readResults(wanted.results);
  const { ask, evaluators, judge } = suite(settings, wanted);
  let done = 0;
  const results = await runAll(tasks, wanted.atOnce, async (task) => {
    const result = await evaluate(task, ask, evaluators);
    done += 1;
    process.stderr.write(printResult(result, done, tasks.length));
    return result;
  });
  const all = summaries(results, before);
  keepResults(wanted.results, before, results);
  process.stdout.write(`\n${printTable(all)}${printLosses(losses(results, before))}`);
  if (before) process.stdout.write(`\nCompared with the results of ${before.at}.\n`);
  if (judge?.cost()) process.stdout.write(`\nThe judge cost ${dollars(judge.cost())}.\n`);
  if (isDemo(settings)) process.stderr.write(`\n${demoNotice}\n`);
  const low = wanted.min === undefined ? [] : below(wanted.min, all.at(-1));
  for (const one of low) process.stderr.write(`${one}\n`);
  if (low.length > 0 || results.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
}

const demoNotice =
  "The built-in demo model answered, so the figures are meaningless. Set OPENAI_API_KEY or OPENAI_BASE_URL, for example in .env.";

function below(min: number, summary: Summary | undefined): string[] {
  return [...(summary?.means ?? [])]
    .filter(([, { value }]) => value < min)
    .map(([name, { value }]) => `${name}: ${value.toFixed(2)} is below ${min}`);
}

main().catch(fail);
