import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import type { Measured } from "./program.ts";

interface GroupOptions {
  cwd: string;
  env: Record<string, string>;
  core?: number;
  /** Answers as soon as it can be used. */
  ready: string;
  url: string;
}

const groups = new Set<number>();
process.on("exit", () => {
  for (const group of groups) process.kill(-group, "SIGKILL");
});

/** Node with a program that starts further processes, which nothing can be loaded into: Linux says what CPU they had. */
export async function processGroup(args: string[], options: GroupOptions): Promise<Measured> {
  const { cwd, env, core, ready, url } = options;
  const node = [process.execPath, ...args];
  const [command = "", ...rest] = core === undefined ? node : ["taskset", "-c", String(core), ...node];
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(command, rest, {
    cwd,
    env: { PATH, HOME, ...env },
    detached: true,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const group = child.pid ?? 0;
  groups.add(group);
  let exit: string | undefined;
  child.on("exit", (code, signal) => {
    exit = String(code ?? signal);
    groups.delete(group);
  });
  while (!(await answers(ready))) {
    if (exit !== undefined) throw new Error(`${args.join(" ")} ended with ${exit}.`);
    await sleep(100);
  }
  return { url, cpu: async () => cpuOf(group) };
}

async function answers(url: string): Promise<boolean> {
  return await fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}

const microsecondsATick = 10_000;

/** µs in user and system mode, of all processes of the group and of those that they have waited for. */
function cpuOf(group: number): number {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const ticks = pids.flatMap((pid) => {
    const [, , processGroup, ...more] = fieldsOf(pid);
    return Number(processGroup) === group ? more.slice(8, 12).map(Number) : [];
  });
  return ticks.reduce((sum, some) => sum + some, 0) * microsecondsATick;
}

/** What follows a process's name: its state, its parent, its group … */
function fieldsOf(pid: string): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return []; // It has ended since.
  }
}
