import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs a program to its end. Resolves to what it printed; rejects with its error output. */
export async function command(name: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await run(name, args, { env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}
