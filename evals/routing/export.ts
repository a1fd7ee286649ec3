// `npm run -s router:export`: prints past messages as lines of training data. See `usage`.
import { endWithReader } from "../../cli/closed-pipe.ts";
import { config } from "../../src/config.ts";
import { labelledMessages } from "../../src/open-records.ts";
import { commandLine, fail } from "../../src/settings/command-line.ts";
import { environmentWith } from "../../src/settings/environment.ts";

const usage = `Prints messages with an engine that feedback named (\`expected\`), or that the model stage chose, as lines of training data.

  npm run -s router:export > mine.jsonl
`;

async function main(): Promise<void> {
  commandLine(usage, {});
  process.env = environmentWith(".env", process.env);
  endWithReader();
  for await (const message of labelledMessages(config(process.env).DATABASE_URL)) {
    process.stdout.write(`${JSON.stringify(message)}\n`);
  }
}

main().catch(fail);
