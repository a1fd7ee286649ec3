import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";

import packageJson from "../package.json" with { type: "json" };
import { type Program, program } from "./program.ts";

/** The processes that the rows measure; those that nobody asks for are never started. */
export interface Stage {
  folder: string;
  isPinned: boolean;
  /** Where profiles go. */
  profiles?: string;
  model(): Promise<Program>;
  /** The server under test, its socket's URL. */
  server(): Promise<Program>;
  relay(): Promise<Program>;
  bare(): Promise<Program>;
  /** New ones, for what can be measured only once in a process. */
  fresh(kind: "server" | "bare", env?: Record<string, string>): Promise<Program>;
}

/** What `npm start` gives to Node. */
const [, ...startArguments] = packageJson.scripts.start.split(" ");

const here = new URL(".", import.meta.url).pathname;

/** Measured processes have the last core to themselves; the model server and this client share the first. */
export function stage(wantsPinning: boolean, profiles?: string): Stage {
  const folder = mkdtempSync(join(tmpdir(), "conversation-bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const isPinned = wantsPinning && pinned();
  const [ours, theirs] = isPinned ? [0, cpus().length - 1] : [];
  let databases = 0;

  const model = once(() => program(`${here}programs/model-server.ts`, { core: ours }));
  const bare = () => program(`${here}programs/bare.ts`, { core: theirs });
  const base = async () => ({ OPENAI_BASE_URL: `${(await model()).url}/v1` });
  const relay = async () => program(`${here}programs/relay.ts`, { core: theirs, env: await base() });
  async function server(more: Record<string, string> = {}): Promise<Program> {
    databases += 1;
    const database = `sqlite:${join(folder, `${databases}.db`)}`;
    const env = { ...settings, ...(await base()), DATABASE_URL: database, ...more };
    const started = await program(`${here}../src/main.ts`, {
      core: theirs,
      env,
      nodeArguments: startArguments.slice(0, -1),
    });
    return { ...started, url: `${started.url}/socket/websocket?vsn=2.0.0&api_key=bench` };
  }
  return {
    folder,
    isPinned,
    profiles,
    model,
    relay: once(relay),
    bare: once(bare),
    server: once(() => server()),
    fresh: (kind, env) => (kind === "bare" ? bare() : server(env)),
  };
}

const settings = {
  PORT: "0",
  API_KEYS: "bench=bench",
  OPENAI_API_KEY: "none",
  MODEL: "bench",
  LOG_LEVEL: "silent",
  PROMPTS_DIR: `${here}../prompts`,
  RATE_LIMIT_MESSAGES: "0",
  RATE_LIMIT_PUSHES: "0",
  RATE_LIMIT_JOINS: "0",
  RATE_LIMIT_CONNECTIONS: "0",
  RATE_LIMIT_REFUSED: "0",
};

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** Ties this process to the first core; false where that cannot be done. */
function pinned(): boolean {
  if (cpus().length < 2) return false;
  try {
    execFileSync("taskset", ["-apc", "0", String(process.pid)], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Keeps a CPU profile of what a program does meanwhile, where profiles are wanted. */
export async function profiled<T>(
  { profiles }: Stage,
  program: Program,
  name: string | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (!profiles || !name) return await work();
  await program.ask("profile");
  const result = await work();
  await program.ask("profiled", join(profiles, `${name}.cpuprofile`));
  return result;
}
