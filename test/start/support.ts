import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

import { inherited } from "../support/spawned.ts";
import { watch } from "../support/watch.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** An empty working folder, which is removed after the test. */
export function workingFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "start-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts the server in a folder, like `npm start`, or with `isDev` like `npm run dev`. It is killed after the test. */
export function run(folder: string, env: Record<string, string> = {}, { isDev = false } = {}) {
  const dev = isDev ? ["--import", join(root, "src/reload/hooks.ts"), join(root, "src/main.ts"), "--dev"] : undefined;
  const settings = { PORT: "0", PROMPTS_DIR: join(root, "prompts"), ...env };
  const child = spawn(process.execPath, dev ?? [join(root, "src/main.ts")], {
    cwd: folder,
    env: { ...inherited(), ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const exited: Promise<unknown[]> = once(child, "exit");
  const seen = watch();
  const program = { child, exited, output: "", errors: "" };
  child.stdout.on("data", (data: Buffer) => {
    program.output += data;
    seen.notify();
  });
  child.stderr.on("data", (data: Buffer) => {
    program.errors += data;
    seen.notify();
  });
  return {
    ...program,
    get output() {
      return program.output;
    },
    get errors() {
      return program.errors;
    },
    /** What the pattern's group matches in the output, as soon as it does. Text before `from` is skipped. */
    printed: (pattern: RegExp, from = 0): Promise<string> =>
      seen.until(
        () => pattern.exec(program.output.slice(from))?.[1],
        15_000,
        () => `not printed; saw ${program.output.slice(from)}${program.errors}`,
      ),
  };
}

export const listening = /^listening on (http:\S+)$/m;
export const link = /^playground: (http:\S+)$/m;

/** Stops a process and waits for its end. */
export async function stopped({
  child,
  exited,
}: {
  child: ChildProcess;
  exited: Promise<unknown[]>;
}): Promise<unknown[]> {
  child.kill("SIGTERM");
  return await exited;
}
