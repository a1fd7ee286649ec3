import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { ProgramOptions } from "./program.ts";

/** How to start the server of a checkout of this project: like its `npm start`. `preloaded` are modules that it imports first. */
export function serverOf(
  checkout: string,
  env: Record<string, string>,
  preloaded: string[] = [],
): { path: string; options: ProgramOptions } {
  const { scripts } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
  const [, ...nodeArguments]: string[] = scripts.start.split(" ");
  const main = nodeArguments.pop() ?? "";
  for (const module of preloaded) nodeArguments.push("--import", module);
  return {
    path: join(checkout, main),
    options: { nodeArguments, env: { ...settings, PROMPTS_DIR: join(checkout, "prompts"), ...env } },
  };
}

/** Lifts only the limits that the benchmark would reach. */
const settings = {
  PORT: "0",
  API_KEYS: "bench=bench",
  OPENAI_API_KEY: "none",
  MODEL: "bench",
  LOG_LEVEL: "silent",
  RATE_LIMIT_MESSAGES: "0",
  RATE_LIMIT_PUSHES: "0",
  RATE_LIMIT_JOINS: "0",
  RATE_LIMIT_CONNECTIONS: "0",
  RATE_LIMIT_REFUSED: "0",
  MODEL_TIMEOUT_MS: "120000",
  MAX_RUNNING_TURNS: "10000",
  MAX_RUNNING_TURNS_PER_USER: "10000",
  LANGCHAIN_CALLBACKS_BACKGROUND: "false", // the server's default
};
