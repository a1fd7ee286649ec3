import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { dev } from "../../../cli/studio/cli.ts";
import { type Json, stream } from "./stream.ts";

const root = new URL("../../..", import.meta.url).pathname;

export type Studio = Awaited<ReturnType<typeof startStudio>>;

/** Studio's server, in a copy of the project, because it writes into the folder that it serves. */
export async function startStudio(env: Record<string, string>) {
  const copy = mkdtempSync(join(root, ".studio-"));
  for (const part of [
    "cli",
    "graphs",
    "packages",
    "playground",
    "prompts",
    "src",
    "package.json",
    "langgraph.json",
    ".gitignore",
  ]) {
    cpSync(join(root, part), join(copy, part), { recursive: true });
  }
  const port = await freePort();
  const child = dev(["--no-browser", "--no-reload", "--host", "127.0.0.1", "--port", `${port}`], {
    cwd: copy,
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // its own process group: the CLI starts two more processes
  });
  const gone = once(child, "exit");

  async function close(): Promise<void> {
    if (child.pid && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, "SIGKILL");
    await gone;
    rmSync(copy, { recursive: true, force: true });
  }

  try {
    await running(child);
  } catch (error) {
    await close();
    throw error;
  }
  const url = `http://127.0.0.1:${port}`;

  async function request(path: string, body?: object): Promise<Response> {
    const options = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const response = await fetch(`${url}${path}`, body && options);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  }

  return {
    copy,
    get: async (path: string): Promise<Json> => (await request(path)).json(),
    post: async (path: string, body: object): Promise<Json> => (await request(path, body)).json(),
    /** The events of a run. */
    stream: async (path: string, body: object) => stream(await request(path, body)),
    close,
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("The server has no port.");
  return address.port;
}

/** Resolves when the server is ready. Rejects with its output if it exits before. */
async function running({ stdout, stderr }: ReturnType<typeof dev>): Promise<void> {
  if (!stdout || !stderr) throw new Error("The server has no output.");
  const said: string[] = [];
  stderr.on("data", (data) => said.push(String(data)));
  for await (const line of createInterface(stdout)) {
    said.push(line);
    if (!line.includes("Server running at")) continue;
    stdout.resume();
    return;
  }
  throw new Error(`The server ended before it ran:\n${said.join("\n")}`);
}
