import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { config } from "../../src/config.ts";
import { startServer } from "../../src/server.ts";
import { logger } from "../../src/telemetry/log.ts";
import { type ConnectOptions, connect } from "./client.ts";
import { startModelServer } from "./model-server.ts";

process.env.LANGCHAIN_CALLBACKS_BACKGROUND = "false";

type ModelOptions = Parameters<typeof startModelServer>[0];

/** Keys of two users, and of a back end that may name any user. */
export const apiKeys = ["key-a=user-a", "key-b=user-b", "key-any=*"];

/** Settings without limits. */
export const unlimited = {
  RATE_LIMIT_MESSAGES: "0",
  RATE_LIMIT_PUSHES: "0",
  RATE_LIMIT_JOINS: "0",
  RATE_LIMIT_CONNECTIONS: "0",
  RATE_LIMIT_REFUSED: "0",
  MAX_RUNNING_TURNS: "0",
  MAX_RUNNING_TURNS_PER_USER: "0",
  MAX_DEVICES_PER_CONVERSATION: "0",
};

/**
 * A server on a free port with a scripted model server and its own database. `env` overrides settings;
 * `restart` closes it and starts another over the same database.
 */
export async function start(env: Record<string, string> = {}, modelOptions?: ModelOptions) {
  const folder = mkdtempSync(join(tmpdir(), "conversation-channel-"));
  const model = await startModelServer(modelOptions);
  const settings = config({
    PORT: "0",
    DATABASE_URL: `sqlite:${join(folder, "test.db")}`,
    OPENAI_API_KEY: "test",
    OPENAI_BASE_URL: model.url,
    MODEL: "test-model",
    ROUTING_THRESHOLD: "1", // messages without an engine are routed by the scripted model
    LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? "silent",
    ...env,
  });
  const log = logger(settings.LOG_LEVEL);
  let server = await startServer(settings, apiKeys, log);

  const started = {
    model,
    folder,
    settings,
    get server() {
      return server;
    },
    get http() {
      return server.url;
    },
    /** For phoenix.js. */
    get url() {
      return `${server.url.replace("http", "ws")}/socket`;
    },
    connect: (options: ConnectOptions = { apiKey: "key-a" }) => connect(started.url, options),
    async restart() {
      await server.close();
      server = await startServer(settings, apiKeys, log);
    },
    async close() {
      await server.close();
      await model.close();
      rmSync(folder, { recursive: true, force: true });
    },
    [Symbol.asyncDispose]: () => started.close(),
  };
  return started;
}
