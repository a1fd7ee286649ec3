import { execSync, type SpawnOptions, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import packageJson from "./package.json" with { type: "json" };

/** LangGraph's CLI has twice as many dependencies as the project. It is installed into this folder on first use. */
const folder = import.meta.dirname;
const cli = join(folder, "node_modules/@langchain/langgraph-cli");

export function install(): void {
  if (!isInstalled()) execSync("npm ci", { cwd: folder, stdio: "inherit" });
}

function isInstalled(): boolean {
  const installed = join(cli, "package.json");
  if (!existsSync(installed)) return false;
  return JSON.parse(readFileSync(installed, "utf8")).version === packageJson.dependencies["@langchain/langgraph-cli"];
}

/** Starts LangGraph's development server for `langgraph.json` in the working directory, with its telemetry off. */
export function dev(args: string[], options: SpawnOptions) {
  return spawn(process.execPath, [join(cli, "dist/cli/cli.mjs"), "dev", ...args], {
    ...options,
    env: { ...options.env, LANGGRAPH_CLI_NO_ANALYTICS: "1" },
  });
}
