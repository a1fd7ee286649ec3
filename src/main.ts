import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";

import { config as readConfig } from "./config.ts";
import { isDemo } from "./models/models.ts";
import { startServer } from "./server.ts";
import { logger } from "./telemetry/log.ts";

if (existsSync(".env")) process.loadEnvFile(".env");

// Libraries read the environment thousands of times a second, and each look-up in the real one is a system call's worth of work.
process.env = { ...process.env };

// LangChain runs callbacks on a queue in the background by default, where a slow one loses other runs' events.
process.env.LANGCHAIN_CALLBACKS_BACKGROUND ??= "false";

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = logger(config.LOG_LEVEL);
  const ownKey = config.API_KEYS.length > 0 ? undefined : randomBytes(24).toString("hex");
  const server = await startServer(
    config,
    ownKey ? [`${ownKey}=playground`] : config.API_KEYS,
    log,
    process.argv.includes("--dev"),
  );
  say(`listening on ${server.url}`);
  const page = server.url.replace("//0.0.0.0:", "//127.0.0.1:");
  say(ownKey ? `playground: ${page}/#api_key=${ownKey}` : `playground: ${page}/`);
  if (isDemo(config)) say("the built-in demo model answers: set OPENAI_API_KEY or OPENAI_BASE_URL for a real one");

  async function end(signal: string, how: () => Promise<void>): Promise<void> {
    log.info({ signal }, "ending");
    await how();
    process.exit(0);
  }
  const ending = (error: unknown) => fail("could not end cleanly", error);
  process.once("SIGTERM", () => end("SIGTERM", server.drain).catch(ending));
  // A developer at the terminal does not wait: turns that run go on at the next start.
  process.once("SIGINT", () => end("SIGINT", server.close).catch(ending));
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function fail(what: string, error: unknown): void {
  process.stderr.write(`${what}: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}

main().catch((error: unknown) => fail("could not start", error));
