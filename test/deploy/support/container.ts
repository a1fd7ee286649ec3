import { spawn } from "node:child_process";
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { command } from "./command.ts";
import type { Image } from "./image.ts";

interface ContainerOptions {
  /** The folder that becomes `/data`. */
  data: string;
  env: Record<string, string>;
}

/** Starts the image's own command with `runc`: read-only, without capabilities, on this machine's network. Resolves once it listens. */
export async function startContainer(image: Image, { data, env }: ContainerOptions) {
  const folder = mkdtempSync(join(tmpdir(), "container-"));
  const id = `conversation-channel-${process.pid}-${Date.now()}`;
  const runc = (...args: string[]) => ["--root", join(folder, "state"), ...args];
  const [uid = 0, gid = 0] = image.config.User.split(":").map(Number);
  mkdirSync(data, { recursive: true });
  chownSync(data, uid, gid);
  writeFileSync(join(folder, "config.json"), JSON.stringify(specification(image, data, env)));
  const began = performance.now();
  const child = spawn("runc", runc("run", "--bundle", folder, id), { stdio: ["ignore", "pipe", "pipe"] });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const output: string[] = [];
  const { promise: listening, resolve, reject } = Promise.withResolvers<number>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on("line", (line) => {
      output.push(line);
      if (line.startsWith("listening on ")) resolve(performance.now() - began);
    });
  }
  void exited.then((code) => reject(new Error(`The container ended with ${code}:\n${output.join("\n")}`)));
  const startMs = await listening;
  const { pid } = JSON.parse(await command("runc", runc("state", id))) as { pid: number };
  return {
    startMs,
    output,
    /** Resolves to the exit code. */
    exited,
    /** What the kernel says of process 1. */
    status: () => readFileSync(`/proc/${pid}/status`, "utf8"),
    /** Runs a command inside. Rejects if it fails. */
    exec: (...args: string[]) => command("runc", runc("exec", "--cwd", "/app", id, ...args)),
    stop: () => command("runc", runc("kill", id, "TERM")),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) await command("runc", runc("kill", id, "KILL")).catch(() => {});
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What an OCI runtime is told, after the image's own configuration. */
function specification({ config, files }: Image, data: string, env: Record<string, string>) {
  const [uid, gid] = config.User.split(":").map(Number);
  const mounts = [
    { destination: "/proc", type: "proc", source: "proc" },
    { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755"] },
    { destination: "/etc/resolv.conf", type: "bind", source: "/etc/resolv.conf", options: ["bind", "ro"] },
    { destination: "/data", type: "bind", source: data, options: ["bind", "rw"] },
  ];
  return {
    ociVersion: "1.0.2",
    process: {
      terminal: false,
      user: { uid, gid },
      args: config.Cmd,
      env: [...config.Env, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)],
      cwd: config.WorkingDir,
      noNewPrivileges: true,
      capabilities: {},
    },
    root: { path: files, readonly: true },
    mounts,
    linux: { namespaces: ["pid", "mount", "ipc", "uts"].map((type) => ({ type })) },
  };
}
