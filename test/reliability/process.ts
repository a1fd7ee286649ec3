import { readdirSync, readFileSync } from "node:fs";

import { spawnServer } from "../support/spawned.ts";

/** A server process, with its resource usage as the system reports it. */
export async function watchedServer(env: Record<string, string>) {
  const before = new Set(children());
  const server = await spawnServer(env);
  const pid = children().find((child) => !before.has(child));
  if (!pid) throw new Error("no child process");
  return {
    ...server,
    /** Resident memory in MB: now, and at its peak. */
    memory(): { rss: number; peak: number } {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      const megabytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
      return { rss: megabytes("VmRSS"), peak: megabytes("VmHWM") };
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function children(): string[] {
  const tasks = readdirSync("/proc/self/task");
  return tasks.flatMap((task) => readFileSync(`/proc/self/task/${task}/children`, "utf8").split(" ").filter(Boolean));
}
