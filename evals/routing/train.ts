// `npm run router:train`: trains the router's weights. See `usage`.
import { writeFileSync } from "node:fs";

import { commandLine, fail } from "../../src/settings/command-line.ts";
import { keepAdded, readAdded } from "./added.ts";
import { compare } from "./compare.ts";
import { type Calibration, calibrate } from "./fit/calibrate.ts";
import { lesson } from "./fit/model.ts";
import { train } from "./fit/train.ts";
import { judgedByOthers, type Labelled, lessons } from "./held-out.ts";
import type { Interval } from "./intervals.ts";
import { folds } from "./items.ts";

const weightsFile = new URL("../../packages/router/weights.json", import.meta.url);
const addedFile = new URL("./written-added.jsonl", import.meta.url);

const usage = `Trains the router's weights.

  npm run router:train
    --add mine.jsonl                          also trains on these lines, if that does not make it worse; may be given more than once
`;

function main(): void {
  const { values } = commandLine(usage, { options: { add: { type: "string", multiple: true, default: [] } } });
  if (values.add.length > 0) addIfBetter(values.add);
  else ship(lessons(), calibrate(judgedByOthers(folds)));
}

function addIfBetter(paths: readonly string[]): void {
  const { items, skipped } = readAdded(paths);
  say(`${items.length} messages to add; ${skipped} are in the data already.`);
  if (items.length === 0) return;
  const { overall, added, calibration } = compare(items, (step) => process.stderr.write(`${step}\n`));
  say(`Strict accuracy over all judged messages, evenly by kind: ${difference(overall)}`);
  say(`Strict accuracy over the added messages: ${difference(added)}`);
  if (overall.value < 0) {
    say("The router got worse, so the weights stay as they are.");
    process.exitCode = 1;
    return;
  }
  keepAdded(items, addedFile);
  ship([...lessons(), ...items.map((item) => ({ item, lesson: lesson(item) }))], calibration);
}

function ship(all: readonly Labelled[], calibration: Calibration): void {
  const text = `${JSON.stringify(train(all, calibration))}\n`;
  writeFileSync(weightsFile, text);
  const { openers, others } = calibration.sharpness;
  say(
    `${all.length} messages, sharpness ${openers} for openers and ${others} for others, ` +
      `favour ${calibration.followUpFavour}, threshold ${calibration.threshold}, ${(text.length / 1024).toFixed(0)} KiB`,
  );
}

function difference({ value, low, high }: Interval): string {
  const signed = (one: number) => `${one < 0 ? "−" : "+"}${Math.abs(one).toFixed(4)}`;
  return `${signed(value)} (95 % interval ${signed(low)} to ${signed(high)})`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  main();
} catch (error) {
  fail(error);
}
