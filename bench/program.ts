import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

export interface ProgramOptions {
  env?: Record<string, string>;
  /** The core to pin it to. */
  core?: number;
  nodeArguments?: string[];
}

interface Question {
  cpu: NodeJS.CpuUsage;
  memory: NodeJS.MemoryUsage;
  profile: undefined;
  profiled: undefined;
}

/** A server whose CPU time can be read. */
export interface Measured {
  url: string;
  /** CPU time so far in µs, of all threads. */
  cpu(): Promise<number>;
}

/** A server process with the probe loaded. */
export interface Program extends Measured {
  pid: number;
  ask<Name extends keyof Question>(question: Name, path?: string): Promise<Question[Name]>;
  stop(): Promise<void>;
}

const probe = new URL("programs/probe.ts", import.meta.url).pathname;
const children = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

export async function program(path: string, { env = {}, core, nodeArguments = [] }: ProgramOptions): Promise<Program> {
  const node = [
    process.execPath,
    ...nodeArguments,
    "--expose-gc",
    "--disable-warning=ExperimentalWarning",
    "--import",
    probe,
    path,
  ];
  const [command = "", ...args] = core === undefined ? node : ["taskset", "-c", String(core), ...node];
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(command, args, { env: { PATH, HOME, ...env }, stdio: ["ignore", "pipe", "inherit", "ipc"] });
  children.add(child);
  let isStopped = false;
  const exited = once(child, "exit").then(() => {
    children.delete(child);
    if (!isStopped) endWith(`${path} exited unexpectedly.`);
  });
  const answers = new Map<number, (answer: unknown) => void>();
  let asked = 0;
  child.on("message", ({ id, answer }: { id: number; answer: unknown }) => answers.get(id)?.(answer));

  function ask<Name extends keyof Question>(question: Name, path?: string): Promise<Question[Name]> {
    const { promise, resolve } = Promise.withResolvers<Question[Name]>();
    asked += 1;
    answers.set(asked, resolve as (answer: unknown) => void);
    child.send({ id: asked, question, path });
    return promise;
  }

  return {
    url: await listening(child),
    pid: child.pid ?? 0,
    ask,
    async cpu() {
      const { user, system } = await ask("cpu");
      return user + system;
    },
    async stop() {
      isStopped = true;
      child.kill("SIGKILL");
      await exited;
    },
  };
}

function listening(child: ChildProcess): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let said = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    const url = /listening on (\S+)\n/.exec(said)?.[1];
    if (url) resolve(url);
  });
  return promise;
}

/** Ends the whole benchmark, because callers would wait for that process forever. */
function endWith(message: string): void {
  process.stderr.write(`\n${message}\n`);
  process.exit(1);
}
