import { execSync, type SpawnOptions, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import packageJson from "./package.json" with { type: "json" };

/** LangGraph's CLI has twice as many packages as the project itself: it stays in this folder, and is installed when it is wanted. */
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

/** Its development server, for the `langgraph.json` of the working directory. Tells nobody that it was started. */
export function dev(args: string[], options: SpawnOptions) {
  return spawn(process.execPath, [join(cli, "dist/cli/cli.mjs"), "dev", ...args], {
    ...options,
    env: { ...options.env, LANGGRAPH_CLI_NO_ANALYTICS: "1" },
  });
}
