import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { inherited } from "../support/spawned.ts";
import type { Holdings } from "./soak-probe.ts";

const program = ["--expose-gc", "--import", "./test/reliability/soak-probe.ts", "src/main.ts"];

/** A server process that reports its resources after a garbage collection. */
export async function soakedServer(env: Record<string, string>) {
  const child = spawn(process.execPath, program, {
    env: { ...inherited(), PORT: "0", LOG_LEVEL: "silent", ...env },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  if (!child.stdout) throw new Error("The server has no output.");
  const exited = once(child, "exit");
  const [line] = await once(createInterface(child.stdout), "line");
  return {
    url: `${String(line).replace("listening on http", "ws")}/socket`,
    async holdings(): Promise<Holdings> {
      const answer = once(child, "message");
      child.send("holdings");
      const [held] = await answer;
      return held;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
