// `npm run -s router:export`: prints messages whose feedback names an engine (`expected`) as lines of training data.
import { existsSync } from "node:fs";

import { config } from "../../src/config.ts";
import { labelledMessages } from "../../src/store/sqlite/labelled.ts";

if (existsSync(".env")) process.loadEnvFile(".env");
const { DATABASE_URL } = config(process.env);
for (const message of labelledMessages(DATABASE_URL.slice("sqlite:".length))) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
