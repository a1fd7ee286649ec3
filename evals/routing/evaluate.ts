// `npm run router:eval`: measures the router. See `usage`.
import { writeFileSync } from "node:fs";

import { commandLine, fail, WrongUse } from "../../src/settings/command-line.ts";
import { environmentWith } from "../../src/settings/environment.ts";
import { newType, routedByExample } from "./by-example.ts";
import { answerOf, type Calibrated, calibratedByOthers } from "./calibrated.ts";
import { judgedByOthers } from "./held-out.ts";
import { folds } from "./items.ts";
import { measureWithModel, settingsOfRun } from "./model-run.ts";
import { page } from "./page.ts";
import * as print from "./print.ts";
import { sampled } from "./sample.ts";

const usage = `Measures the local stage of the router. Every message is judged by a model that was trained, and a calibration that was chosen, without its source.

  npm run router:eval
    --model                                   measures the whole router, on the model of your settings
    --limit 200                               with --model: how many messages
`;

async function main(): Promise<void> {
  const { values } = commandLine(usage, {
    options: { model: { type: "boolean", default: false }, limit: { type: "string", default: "200" } },
  });
  const limit = Number(values.limit);
  if (!Number.isInteger(limit) || limit < 1)
    throw new WrongUse(`--limit: expected a whole number, got ${values.limit}`);
  process.env = environmentWith(".env", process.env);
  if (values.model) await measureOnModel(limit);
  else measureLocalStage();
}

async function measureOnModel(limit: number): Promise<void> {
  const settings = await settingsOfRun(process.env);
  const answers = sampled(
    judge().map((one) => answerOf(one)),
    limit,
  );
  process.stdout.write(
    await measureWithModel(answers, settings, (calls, of) => {
      if (calls % 20 === 0 || calls === of) progress(`Model calls: ${calls} of ${of}`);
    }),
  );
}

function measureLocalStage(): void {
  const calibrated = judge();
  const answers = calibrated.map((one) => answerOf(one));
  print.figures(answers);
  print.calibrations(calibrated);
  print.details(answers.filter(({ group }) => group.kind === "real"));
  print.favours(calibrated.filter(({ judged: { group } }) => group.kind === "real"));
  print.wholeRouter(answers);
  print.manipulation(answers);
  print.byExample(
    routedByExample(folds, (at) => progress(`Without ${newType}: fold ${at + 1} of ${folds.length}`)),
    newType,
  );
  const report = new URL("./report.html", import.meta.url);
  writeFileSync(report, page(answers));
  process.stdout.write(`\nPlots: ${report.pathname}\n`);
}

function judge(): Calibrated[] {
  const judged = folds.flatMap((fold, at) => {
    progress(`Fold ${at + 1} of ${folds.length}: ${fold.map(({ name }) => name).join(", ")}`);
    return judgedByOthers([fold]);
  });
  progress("Calibrating each fold by the other folds");
  return calibratedByOthers(judged);
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

main().catch(fail);
