import { watchFile } from "node:fs";
import { isatty } from "node:tty";

import { type Config, config as readConfig } from "./config.ts";
import { localUrl } from "./http/address.ts";
import { pageBundle } from "./http/bundle/bundle.ts";
import { isDemo } from "./models/models.ts";
import { ownKey } from "./own-key.ts";
import { startServer } from "./server.ts";
import type { Server } from "./server-control.ts";
import { commandLine, fail as failUse, WrongUse } from "./settings/command-line.ts";
import { editEnvFile } from "./settings/edit-env-file.ts";
import { environmentOf, environmentWith } from "./settings/environment.ts";
import { type Log, logger } from "./telemetry/log.ts";

const usage = `Starts the server. Its settings are environment variables, or lines of the file .env: see docs/settings.md.

  npm start
  npm run dev                                 reloads changed code and settings, and keeps its key
`;

const envFile = ".env";
const inherited = process.env;
const isDev = process.argv.includes("--dev");

// Nobody may read what is printed: `npm start | head -1`, or a parent that has ended.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

/** The environment that the settings were read from, as JSON. */
let used = "";

/** Reads the settings. Throws if one is invalid. */
function settings(): Config {
  const environment = environmentWith(envFile, inherited);
  const config = readConfig(environment);
  used = JSON.stringify(environment);
  process.env = environment;
  return config;
}

/** Writes settings to the `.env` file. They count already, so the server need not start again. Returns those that the shell overrides. */
function saveSettings(changes: Record<string, string>): string[] {
  editEnvFile(envFile, changes, (text) => readConfig(environmentOf(text, inherited)));
  used = JSON.stringify(environmentWith(envFile, inherited));
  return Object.keys(changes).filter((name) => inherited[name] !== undefined && inherited[name] !== changes[name]);
}

async function begin(config: Config, log: Log): Promise<Server> {
  const key = ownKey(config, isDev);
  const server = await startServer(
    config,
    key ? [`${key}=playground`] : config.API_KEYS,
    log,
    isDev,
    key,
    isDev ? saveSettings : undefined,
  );
  print(`listening on ${server.url}`);
  const page = localUrl(server.url);
  pageBundle().catch(() => {}); // whoever opens the page is told
  print(key ? `playground: ${page}/#api_key=${key}` : `playground: ${page}/`);
  if (server.metricsUrl) print(`metrics: ${server.metricsUrl}/metrics`);
  if (isDemo(config)) print("the built-in demo model answers: set OPENAI_API_KEY or OPENAI_BASE_URL for a real one");
  void server.failed.then((error) => fail("the database failed", error));
  return server;
}

async function main(): Promise<void> {
  commandLine(usage, { options: { dev: { type: "boolean" } } });
  const config = settings();
  const log = logger(config.LOG_LEVEL);
  let running = begin(config, log);

  async function shutDown(signal: string, how: (server: Server) => Promise<void>): Promise<void> {
    log.info({ signal }, "shutting down");
    await how(await running);
    process.exit(0);
  }
  const onError = (error: unknown) => fail("could not shut down cleanly", error);
  process.once("SIGTERM", () => shutDown("SIGTERM", (server) => server.drain()).catch(onError));
  // Ctrl+C does not wait for running turns: they run again at the next start.
  process.once("SIGINT", () => shutDown("SIGINT", (server) => server.close()).catch(onError));
  // In a terminal, SIGHUP says that its window was closed. Under nohup it must do no harm, and Node forgets that it was to be ignored.
  if (!isatty(1) && (config.API_KEYS_FILE || !isatty(0))) {
    process.on("SIGHUP", async () => (await running).reloadKeys());
  }
  await running;
  if (isDev) {
    whenEnvFileChanges((changed) => {
      log.info(`${envFile} has changed`);
      running = running.then(async (server) => {
        await server.close();
        return await begin(changed, log);
      });
      running.catch((error: unknown) => fail("could not start", error));
    }, log);
  }
}

/** Also sees a file that is created, replaced or removed. Settings that are not valid are logged, and change nothing. */
function whenEnvFileChanges(use: (config: Config) => void, log: Log): void {
  function check(): void {
    try {
      if (JSON.stringify(environmentWith(envFile, inherited)) !== used) use(settings());
    } catch (error) {
      log.error(`${envFile} is not used: ${error instanceof Error ? error.message : error}`);
    }
  }
  watchFile(envFile, { interval: 300, persistent: false }, check);
  check(); // it may have changed during the start
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function fail(what: string, error: unknown): void {
  process.stderr.write(`${what}: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}

main().catch((error: unknown) => (error instanceof WrongUse ? failUse(error) : fail("could not start", error)));
