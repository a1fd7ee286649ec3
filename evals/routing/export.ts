// `npm run -s router:export`: prints past messages as lines of training data. See `usage`.
import { endWithReader } from "../../cli/closed-pipe.ts";
import { config } from "../../src/config.ts";
import { commandLine, fail } from "../../src/settings/command-line.ts";
import { environmentWith } from "../../src/settings/environment.ts";
import { labelledMessages } from "../../src/store/sqlite/labelled.ts";

const usage = `Prints messages with an engine that feedback named (\`expected\`), or that the model stage chose, as lines of training data.

  npm run -s router:export > mine.jsonl
`;

function main(): void {
  commandLine(usage, {});
  process.env = environmentWith(".env", process.env);
  endWithReader();
  const { DATABASE_URL } = config(process.env);
  for (const message of labelledMessages(DATABASE_URL.slice("sqlite:".length))) {
    process.stdout.write(`${JSON.stringify(message)}\n`);
  }
}

try {
  main();
} catch (error) {
  fail(error);
}
