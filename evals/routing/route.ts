import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { z } from "zod";

import { classify, type Guess } from "../../graphs/router/local/local.ts";
import type { Incoming } from "../../graphs/router/local/scene.ts";

const Line = z.object({
  id: z.union([z.string(), z.number()]),
  history: z.array(z.object({ role: z.string(), content: z.string() })).default([]),
  context: z.record(z.string(), z.unknown()).default({}),
  content: z.string(),
});

/** How a stage answers. */
type Stage = (message: Incoming) => Guess | Promise<Guess>;

/** Stages by name. The full router is to be connected here: the model stage answers where the local stage is not sure. */
const stages: Record<string, Stage> = { local: (message) => classify(message) };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { file: { type: "string" }, stage: { type: "string", default: "local" } },
});
const route = stages[values.stage];
if (!route) fail(`There is no stage "${values.stage}"; there is: ${Object.keys(stages).join(", ")}.`);
if (values.file) await routeFile(values.file, route);
else if (positionals[0]) explain(await route({ content: positionals.join(" "), history: [], context: {} }));
else fail('Usage: npm run route -- "message" | npm run -s route -- --file items.jsonl [--stage local|full]');

/** One line of JSON for each line of the file, and nothing else. */
async function routeFile(file: string, stage: Stage): Promise<void> {
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line.trim() === "") continue;
    const { id, ...message } = Line.parse(JSON.parse(line));
    const { type, confidence, sure, probabilities } = await stage(message);
    process.stdout.write(`${JSON.stringify({ id, type, confidence, sure, probabilities })}\n`);
  }
}

function explain({ type, confidence, sure, probabilities, reasons }: Guess): void {
  const others = Object.entries(probabilities)
    .filter(([name]) => name !== type)
    .sort(([, a], [, b]) => b - a)
    .map(([name, share]) => `${name} ${share.toFixed(2)}`);
  process.stdout.write(
    `${type} (${confidence.toFixed(2)}${sure ? "" : ", not sure: the full router would ask the model"})\n` +
      `${reasons.map((reason) => `- ${reason}\n`).join("")}others: ${others.join(", ")}\n`,
  );
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
