import { execSync } from "node:child_process";
import { copyFileSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import { once } from "./once.ts";
import { processGroup } from "./process-group.ts";
import { type Measured, program } from "./program.ts";

/** The alternatives that a user would build instead. */
export interface Peers {
  express(): Promise<Measured>;
  hono(): Promise<Measured>;
  langGraph(): Promise<Measured>;
}

export interface PeersOptions {
  /** Where they store their files. */
  folder: string;
  core?: number;
  base(): Promise<Record<string, string>>;
}

const packages = join(import.meta.dirname, "peers");
const production = { NODE_ENV: "production" };

export function peers({ folder, core, base }: PeersOptions): Peers {
  async function peer(file: string, more: Record<string, string> = {}): Promise<Measured> {
    install();
    mkdirSync(folder, { recursive: true });
    return await program(join(packages, file), { core, env: { ...production, ...(await base()), ...more } });
  }

  /** LangGraph's CLI needs a project folder, and stores its data there. */
  async function langGraph(): Promise<Measured> {
    install();
    const cwd = join(folder, "langgraph");
    mkdirSync(cwd, { recursive: true });
    copyFileSync(join(packages, "graph.ts"), join(cwd, "graph.ts"));
    symlinkSync(join(packages, "node_modules"), join(cwd, "node_modules"));
    writeFileSync(join(cwd, "langgraph.json"), JSON.stringify(langGraphProject));
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const env = { ...production, ...(await base()), LOG_LEVEL: "error", LANGGRAPH_CLI_NO_ANALYTICS: "1" };
    const cli = join(packages, "node_modules/@langchain/langgraph-cli/dist/cli/cli.mjs");
    const args = [cli, "dev", "--host", "127.0.0.1", "--port", port, ...langGraphOptions];
    return await processGroup(args, { cwd, env, core, url, ready: `${url}/ok` });
  }

  return {
    express: once(() => peer("express-ai-sdk.ts")),
    hono: once(() => peer("hono-langgraph.ts", { DATABASE: join(folder, "hono.db") })),
    langGraph: once(langGraph),
  };
}

const langGraphProject = { node_version: "24", graphs: { chat: "./graph.ts:chat" }, env: {} };

/** The default of ten workers would limit fifty conversations. */
const langGraphOptions = ["--no-browser", "--no-reload", "--n-jobs-per-worker", "60"];

/** Installed on first use, because the project itself does not need these packages. */
function install(): void {
  const installed = statSync(join(packages, "node_modules/.package-lock.json"), { throwIfNoEntry: false });
  const wanted = statSync(join(packages, "package-lock.json"));
  if (installed && installed.mtimeMs >= wanted.mtimeMs) return;
  process.stderr.write("\nInstalling the peers …\n");
  execSync("npm ci --loglevel error", { cwd: packages, stdio: ["ignore", "ignore", "inherit"] });
}

async function freePort(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const server = createServer().listen(0, "127.0.0.1", () => {
    const address = server.address();
    server.close(() => resolve(typeof address === "object" && address ? String(address.port) : ""));
  });
  return await promise;
}
