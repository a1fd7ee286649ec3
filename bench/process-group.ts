import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import type { Measured } from "./program.ts";

interface GroupOptions {
  cwd: string;
  env: Record<string, string>;
  core?: number;
  /** A URL that answers once the program is ready. */
  ready: string;
  url: string;
}

const groups = new Set<number>();
process.on("exit", () => {
  for (const group of groups) process.kill(-group, "SIGKILL");
});

/** Starts a Node program that starts further processes. The probe cannot be loaded into those, so their CPU is read from /proc. */
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

const microsecondsPerTick = 10_000;

/** User and system time in µs, of all processes of the group and their ended children. */
function cpuOf(group: number): number {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const ticks = pids.flatMap((pid) => {
    const [, , processGroup, ...more] = fieldsOf(pid);
    return Number(processGroup) === group ? more.slice(8, 12).map(Number) : [];
  });
  return ticks.reduce((sum, some) => sum + some, 0) * microsecondsPerTick;
}

/** The fields after the process's name in /proc/<pid>/stat: state, parent, group … */
function fieldsOf(pid: string): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return []; // the process has ended
  }
}
