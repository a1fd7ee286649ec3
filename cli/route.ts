import type { Decision } from "conversation-channel-router";
import type { Incoming } from "conversation-channel-router/scene.ts";
import { z } from "zod";
import { chosenEngines } from "../graphs/chosen-engines.ts";
import { routerOf } from "../graphs/router/decide.ts";
import { config } from "../src/config.ts";
import { commandLine, fail, WrongUse } from "../src/settings/command-line.ts";
import { environmentWith } from "../src/settings/environment.ts";
import { readText } from "../src/settings/text-file.ts";
import { endWithReader } from "./closed-pipe.ts";
import { fullRouter } from "./full-router.ts";

const Line = z.object({
  id: z.union([z.string(), z.number()]),
  history: z.array(z.object({ role: z.string(), content: z.string() })).default([]),
  context: z.record(z.string(), z.unknown()).default({}),
  content: z.string(),
});

type Routed = Decision<string>;
type Stage = (message: Incoming) => Routed | Promise<Routed>;

/** `local`: only the local stage. `full`: the whole router, with the server's settings. */
const stages: Record<string, () => Stage> = {
  local: () => {
    const { classify } = routerOf(chosenEngines(config(process.env).ENGINES));
    return (message) => classify(message.content, message.history, message.context);
  },
  full: () => fullRouter(config(process.env)),
};

/** How many messages are routed concurrently. */
const atOnce = 8;

const usage = `Says which engine the router chooses, and why.

  npm run route -- "message"
  npm run -s route -- --file items.jsonl      one JSON line for each line of the file
    --stage full                              the whole router, with the server's settings (default: local, only the local stage)
`;

async function main(): Promise<void> {
  const { values, positionals } = commandLine(usage, {
    allowPositionals: true,
    options: { file: { type: "string" }, stage: { type: "string", default: "local" } },
  });
  process.env = environmentWith(".env", process.env);
  endWithReader();
  const route = stages[values.stage]?.();
  if (!route)
    throw new WrongUse(`--stage: there is no stage "${values.stage}". Use one of: ${Object.keys(stages).join(", ")}.`);
  if (values.file) await routeFile(values.file, route);
  else if (positionals[0]) explain(await route({ content: positionals.join(" "), history: [], context: {} }));
  else throw new WrongUse("A message or --file is needed; --help shows how.");
}

/** Prints one JSON line per line of the file. */
async function routeFile(file: string, stage: Stage): Promise<void> {
  const lines = readText(file).split("\n");
  const messages = lines.filter((line) => line.trim() !== "").map((line) => Line.parse(JSON.parse(line)));
  for (let at = 0; at < messages.length; at += atOnce) {
    const answers = await Promise.all(messages.slice(at, at + atOnce).map((message) => answer(message, stage)));
    process.stdout.write(answers.map((one) => `${JSON.stringify(one)}\n`).join(""));
  }
}

async function answer({ id, ...message }: z.infer<typeof Line>, stage: Stage) {
  const { type, confidence, sure, probabilities } = await stage(message);
  return { id, type, confidence, sure, probabilities };
}

function explain({ type, confidence, sure, probabilities, reasons }: Routed): void {
  const others = Object.entries(probabilities)
    .filter(([name]) => name !== type)
    .sort(([, a], [, b]) => b - a)
    .map(([name, share]) => `${name} ${share.toFixed(2)}`);
  process.stdout.write(
    `${type} (${confidence.toFixed(2)}${sure ? "" : ", not sure: the full router would ask the model"})\n` +
      `${reasons.map((reason) => `- ${reason}\n`).join("")}others: ${others.join(", ")}\n`,
  );
}

main().catch(fail);
