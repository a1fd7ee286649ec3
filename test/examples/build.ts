import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { inherited } from "../support/spawned.ts";
import { examples } from "./install.ts";

const vite = join(examples, "node_modules/vite/bin/vite.js");
const tsc = join(examples, "node_modules/.bin/tsc");
const built = new Map<string, string>();

/**
 * Type-checks and builds an example, or the project in a folder, once per run. Returns the folder to serve. It is a development build: React
 * then runs effects twice and warns about mistakes.
 */
export function build(name: string): string {
  const done = built.get(name);
  if (done) return done;
  const cwd = resolve(examples, name);
  const { scripts = {} } = JSON.parse(readFileSync(join(cwd, "package.json"), "utf8"));
  const folder = scripts.build ? join(cwd, "dist") : examples;
  if (scripts.build) {
    const env = { ...inherited(), NODE_ENV: "development", VITE_SOCKET_URL: "/socket", VITE_API_KEY: "key-a" };
    if (scripts.build.includes("tsc")) execFileSync(tsc, { cwd, env, stdio: "inherit" });
    const args = ["build", "--mode", "development", "--minify", "false", "--logLevel", "warn"];
    execFileSync(process.execPath, [vite, ...args], { cwd, env, stdio: "inherit" });
  }
  built.set(name, folder);
  return folder;
}
