import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";

/** A program that a test runs beside the server. It ends with the process that started it, however that ends. */
export interface Service {
  pid: number;
  isAlive: boolean;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when it has ended. */
  end(signal: NodeJS.Signals): Promise<void>;
}

interface ServiceOptions {
  /** Runs as this user if the test runs as root. */
  user?: string;
  /** What the service gets when the test's process dies. */
  lastSignal?: "KILL" | "INT";
  /** Where its output goes. */
  log: string;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export function service(command: string[], { user, lastSignal = "KILL", log }: ServiceOptions): Service {
  const file = openSync(log, "a");
  const child = spawn("setpriv", [...asUser(user), "--pdeathsig", lastSignal, ...command], {
    stdio: ["ignore", file, file],
  });
  closeSync(file);
  const exited = once(child, "exit").then(() => {
    running.delete(child);
  });
  running.add(child);
  return {
    pid: child.pid ?? 0,
    get isAlive() {
      return running.has(child);
    },
    signal: (signal) => void child.kill(signal),
    async end(signal) {
      child.kill(signal);
      await exited;
    },
  };
}

/** Arguments of setpriv. */
export function asUser(user: string | undefined): string[] {
  return user && process.getuid?.() === 0 ? ["--reuid", user, "--regid", user, "--clear-groups"] : [];
}
