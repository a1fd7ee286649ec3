// `npm run replay`: runs past turns again, with other prompts or models if wanted. See `usage`.

import { type Brain, brainOf } from "../../graphs/brain.ts";
import { usesPrompt } from "../../graphs/chosen-engines.ts";
import { isConversationType } from "../../graphs/engines.ts";
import { loadPrompts } from "../../graphs/prompt.ts";
import { type Config, config } from "../../src/config.ts";
import { checkProviders } from "../../src/models/providers/check.ts";
import { openRecords } from "../../src/open-records.ts";
import { fail, WrongUse } from "../../src/settings/command-line.ts";
import { environmentWith } from "../../src/settings/environment.ts";
import { turnError } from "../../src/turns/outcome.ts";
import { enginesOf } from "../../src/workbench/drawings.ts";
import { recordOf } from "../../src/workbench/record.ts";
import { replay } from "../../src/workbench/replay.ts";
import { endWithReader } from "../closed-pipe.ts";
import { type Arguments, argumentsOf } from "./arguments.ts";
import { printMany, printOne, type Replayed } from "./print.ts";
import { type ReplayServices, servicesOf } from "./services.ts";

/** How many turns run concurrently. */
const atOnce = 4;

async function main(): Promise<void> {
  const asked = argumentsOf(process.argv.slice(2));
  process.env = environmentWith(".env", process.env);
  endWithReader();
  const settings = config(process.env);
  await checkProviders(settings, loadPrompts(settings.PROMPTS_DIR, usesPrompt(settings.ENGINES)));
  const brain = brainOf(settings.ENGINES);
  const records = await openRecords(settings.DATABASE_URL);
  const services = await servicesOf(settings);
  try {
    const turns =
      asked.turnId === undefined
        ? await records.latest(asked.last ?? 0, engineOf(brain, asked))
        : [await records.turn(asked.turnId)];
    const again = replayer(brain, settings, services, asked);
    const all: Replayed[] = [];
    for (let at = 0; at < turns.length; at += atOnce) {
      const some = turns.slice(at, at + atOnce).map(async (turn) => {
        if (!turn) throw new Error(`There is no turn ${asked.turnId}.`);
        return await again(await recordOf(records, turn));
      });
      all.push(...(await Promise.all(some)));
    }
    const [one] = all;
    process.stdout.write(asked.turnId !== undefined && one ? printOne(one) : printMany(all));
    if (all.some(({ failure }) => failure !== undefined)) process.exitCode = 1;
  } finally {
    await records.close();
    await services.close();
  }
}

/** The engine to filter by: --engine, or the only engine that uses the changed prompts. */
function engineOf(brain: Brain, { engine, changes }: Arguments): string | undefined {
  if (engine !== undefined && !isConversationType(engine))
    throw new WrongUse(`--engine: there is no engine "${engine}".`);
  if (engine !== undefined) return engine;
  const changed = new Set(Object.keys(changes.prompts ?? {}).flatMap((name) => enginesOf(brain, name)));
  return changed.size === 1 ? [...changed][0] : undefined;
}

function replayer(brain: Brain, settings: Config, services: ReplayServices, { changes }: Arguments) {
  const prompts = loadPrompts(settings.PROMPTS_DIR, usesPrompt(settings.ENGINES));
  return async (recorded: Replayed["recorded"]): Promise<Replayed> => {
    try {
      const signal = AbortSignal.timeout(settings.TURN_TIMEOUT_MS);
      return { recorded, answered: await replay(brain, services, prompts, recorded, changes, {}, signal) };
    } catch (error) {
      const { code, message } = turnError(error);
      return { recorded, failure: code === "internal" && error instanceof Error ? error.message : message };
    }
  };
}

main().catch(fail);
