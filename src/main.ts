import { randomBytes } from "node:crypto";

import { config as readConfig } from "./config.ts";
import { isDemo } from "./models/models.ts";
import { startServer } from "./server.ts";
import { environmentWith } from "./settings/environment.ts";
import { logger } from "./telemetry/log.ts";

async function main(): Promise<void> {
  process.env = environmentWith(".env", process.env);
  const config = readConfig(process.env);
  const log = logger(config.LOG_LEVEL);
  const ownKey = config.API_KEYS.length > 0 ? undefined : randomBytes(24).toString("hex");
  const server = await startServer(
    config,
    ownKey ? [`${ownKey}=playground`] : config.API_KEYS,
    log,
    process.argv.includes("--dev"),
  );
  print(`listening on ${server.url}`);
  const page = server.url.replace("//0.0.0.0:", "//127.0.0.1:");
  print(ownKey ? `playground: ${page}/#api_key=${ownKey}` : `playground: ${page}/`);
  if (isDemo(config)) print("the built-in demo model answers: set OPENAI_API_KEY or OPENAI_BASE_URL for a real one");

  void server.failed.then((error) => fail("the database failed", error));

  async function shutDown(signal: string, how: () => Promise<void>): Promise<void> {
    log.info({ signal }, "shutting down");
    await how();
    process.exit(0);
  }
  const onError = (error: unknown) => fail("could not shut down cleanly", error);
  process.once("SIGTERM", () => shutDown("SIGTERM", server.drain).catch(onError));
  // Ctrl+C does not wait for running turns: they run again at the next start.
  process.once("SIGINT", () => shutDown("SIGINT", server.close).catch(onError));
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function fail(what: string, error: unknown): void {
  process.stderr.write(`${what}: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}

main().catch((error: unknown) => fail("could not start", error));
