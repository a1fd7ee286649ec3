import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import packageJson from "../../package.json" with { type: "json" };
import { connect } from "./client.ts";

/** Node's arguments in `npm start`. */
const [, ...startArguments] = packageJson.scripts.start.split(" ");

interface SpawnOptions {
  /** Arguments to Node itself, such as `--import` and a module to preload. */
  nodeArguments?: string[];
  /** Arguments to the server. */
  arguments?: string[];
  /** A program with its arguments that starts Node, such as `taskset`. */
  prefix?: string[];
}

export type SpawnedServer = Awaited<ReturnType<typeof spawnServer>>;

/** Starts the server as a separate process, like `npm start`, so that it can be killed. */
export async function spawnServer(
  env: Record<string, string>,
  cwd = process.cwd(),
  { nodeArguments = [], arguments: more = [], prefix = [] }: SpawnOptions = {},
) {
  const [program = "", ...given] = [...prefix, process.execPath, ...nodeArguments, ...startArguments, ...more];
  const child = spawn(program, given, {
    cwd,
    env: { ...inherited(), PORT: "0", API_KEYS: "key-a=user-a", LOG_LEVEL: "silent", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const output: string[] = [];
  createInterface(child.stdout).on("line", (line) => output.push(line));
  const url = await listening(child);
  return {
    http: url,
    url: `${url.replace("http", "ws")}/socket`,
    pid: child.pid ?? 0,
    /** The lines on stdout so far, including the log if `LOG_LEVEL` is set. */
    output,
    /** Resolves to exit code and signal, however the process exits. */
    exited,
    connect: () => connect(`${url.replace("http", "ws")}/socket`, { apiKey: "key-a" }),
    /** Resolves to exit code and signal. */
    async end(signal: NodeJS.Signals): Promise<unknown[]> {
      child.kill(signal);
      return await exited;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await this.end("SIGKILL");
    },
  };
}

/** The environment of programs under test, without anything that would change their behaviour. */
export function inherited() {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
  return { PATH, HOME, NODE_COMPILE_CACHE };
}

/** Parsed from the line that the server prints at start. */
async function listening(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error("The server has no output.");
  const lines = createInterface(child.stdout);
  for await (const line of lines) {
    const url = /^listening on (http:\S+)$/.exec(line)?.[1];
    if (!url) continue;
    child.stdout.resume();
    return url;
  }
  throw new Error("The server ended before it listened.");
}
