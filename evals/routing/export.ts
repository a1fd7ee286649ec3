// `npm run -s router:export`: prints messages with an engine that feedback named (`expected`), or that the model stage chose, as lines of training data.
import { existsSync } from "node:fs";

import { config } from "../../src/config.ts";
import { labelledMessages } from "../../src/store/sqlite/labelled.ts";

if (existsSync(".env")) process.loadEnvFile(".env");
const { DATABASE_URL } = config(process.env);
for (const message of labelledMessages(DATABASE_URL.slice("sqlite:".length))) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
