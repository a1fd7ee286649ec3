// `npm run -s router:export`: prints messages with an engine that feedback named (`expected`), or that the model stage chose, as lines of training data.
import { endWithReader } from "../../cli/closed-pipe.ts";
import { config } from "../../src/config.ts";
import { environmentWith } from "../../src/settings/environment.ts";
import { labelledMessages } from "../../src/store/sqlite/labelled.ts";

process.env = environmentWith(".env", process.env);
endWithReader();
const { DATABASE_URL } = config(process.env);
for (const message of labelledMessages(DATABASE_URL.slice("sqlite:".length))) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
