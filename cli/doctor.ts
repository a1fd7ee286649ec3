// `npm run doctor`: asks the configured models for three short replies, and says what works and what to change. See `usage`.

import { usesPrompt } from "../graphs/chosen-engines.ts";
import { loadPrompts } from "../graphs/prompt.ts";
import { config } from "../src/config.ts";
import { examineAll } from "../src/doctor/examine.ts";
import { verdictOf } from "../src/doctor/verdict.ts";
import { commandLine, fail } from "../src/settings/command-line.ts";
import { environmentWith } from "../src/settings/environment.ts";
import { endWithReader } from "./closed-pipe.ts";
import { printed } from "./doctor/print.ts";

const usage = `Asks MODEL and each of FALLBACK_MODELS for a plain, a streamed and a structured reply. A few hundred tokens each.

  npm run doctor              says what works, what was adapted, and what to change; exit code 1 if something has to be
  npm run -s doctor -- --json the same for scripts
`;

/** For all models together, in ms. */
const limitMs = 180_000;

async function main(): Promise<void> {
  const { values } = commandLine(usage, { options: { json: { type: "boolean", default: false } } });
  process.env = { ...environmentWith(".env", process.env), LANGSMITH_TRACING: "false" };
  endWithReader();
  const settings = config(process.env);
  const examined = await examineAll(
    settings,
    loadPrompts(settings.PROMPTS_DIR, usesPrompt(settings.ENGINES)),
    AbortSignal.timeout(limitMs),
  );
  const verdict = verdictOf(settings, examined);
  const { isFit: fit, sentence } = verdict;
  process.stdout.write(
    values.json ? `${JSON.stringify({ fit, sentence, models: examined })}\n` : printed(examined, verdict),
  );
  if (!fit) process.exitCode = 1;
}

main().catch(fail);
