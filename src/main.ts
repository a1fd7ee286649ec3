import { randomBytes } from "node:crypto";

import { config as readConfig } from "./config.ts";
import { logger } from "./log.ts";
import { isDemo } from "./models/models.ts";
import { startServer } from "./server.ts";

// Libraries read the environment thousands of times a second, and each look-up in the real one is a system call's worth of work.
process.env = { ...process.env };

// LangChain runs callbacks on a queue in the background by default, where a slow one loses other runs' events.
process.env.LANGCHAIN_CALLBACKS_BACKGROUND ??= "false";

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = logger(config.LOG_LEVEL);
  const ownKey = config.API_KEYS.length > 0 ? undefined : randomBytes(24).toString("hex");
  const server = await startServer(config, ownKey ? [`${ownKey}=playground`] : config.API_KEYS, log);
  say(`listening on ${server.url}`);
  say(ownKey ? `playground: ${server.url}/#api_key=${ownKey}` : `playground: ${server.url}/`);
  if (isDemo(config)) say("the built-in demo model answers: set OPENAI_API_KEY or OPENAI_BASE_URL for a real one");

  async function stop(signal: string): Promise<void> {
    log.info({ signal }, "draining");
    await server.drain();
    process.exit(0);
  }
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      stop(signal).catch((error: unknown) => fail("could not drain", error));
    });
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function fail(what: string, error: unknown): void {
  process.stderr.write(`${what}: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}

main().catch((error: unknown) => fail("could not start", error));
