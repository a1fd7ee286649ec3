import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";

import { freshDatabase } from "../test/cluster/support/database.ts";
import { startPostgres } from "../test/cluster/support/postgres.ts";
import { startRedis } from "../test/cluster/support/redis.ts";
import { once } from "./once.ts";
import { type Peers, peers } from "./peers.ts";
import { type Program, program } from "./program.ts";
import { serverOf } from "./servers.ts";

export interface StageOptions {
  wantsPinning: boolean;
  /** The measured servers are on Postgres and Redis, which share the core of the model server. */
  wantsPostgres: boolean;
  /** Folder for CPU profiles. */
  profiles?: string;
  /** The checkout whose server is measured. Default: this one. */
  checkout?: string;
  /** The checkout of an earlier version to compare with. */
  before?: string;
}

/** The processes that the rows measure. Each is started on first use. */
export interface Stage {
  /** On the same disk as the databases. */
  folder: string;
  isPinned: boolean;
  profiles?: string;
  model(): Promise<Program>;
  /** The server under test; `url` is its socket. */
  server(): Promise<Program>;
  /** The earlier version, if one is given. */
  before?(): Promise<Program>;
  relay(): Promise<Program>;
  bare(): Promise<Program>;
  /** The server under test with the engines of `agent-engines.ts`. */
  agents(): Promise<Program>;
  /** The agent of `agent-engines.ts` without a server. */
  agent(): Promise<Program>;
  peers: Peers;
  /** A new process, for what can be measured only once per process. */
  fresh(kind: "server" | "bare", env?: Record<string, string>): Promise<Program>;
}

const here = import.meta.dirname;

/** Measured processes are pinned to the last core, the model server and this client to the first. */
export function stage({ wantsPinning, wantsPostgres, profiles, checkout, before }: StageOptions): Stage {
  const folder = mkdtempSync(join(tmpdir(), "conversation-bench-"));
  chmodSync(folder, 0o711); // Postgres has a user of its own
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const isPinned = wantsPinning && pinned();
  const [ours, theirs] = isPinned ? [0, cpus().length - 1] : [];
  let databases = 0;

  const model = once(() => program(join(here, "programs/model-server.ts"), { core: ours }));
  const bare = () => program(join(here, "programs/bare.ts"), { core: theirs });
  const base = async () => ({ OPENAI_BASE_URL: `${(await model()).url}/v1` });
  const relay = async () => program(join(here, "programs/relay.ts"), { core: theirs, env: await base() });
  const services = once(async () => ({ postgres: await startPostgres(folder), redis: await startRedis(folder) }));
  async function store(): Promise<Record<string, string>> {
    databases += 1;
    if (!wantsPostgres) return { DATABASE_URL: `sqlite:${join(folder, `${databases}.db`)}` };
    const { postgres, redis } = await services();
    return { DATABASE_URL: (await freshDatabase(postgres.url)).url, REDIS_URL: redis.url };
  }
  async function server(from: string, more: Record<string, string> = {}, preloaded: string[] = []): Promise<Program> {
    const { path, options } = serverOf(from, { ...(await base()), ...(await store()), ...more }, preloaded);
    const started = await program(path, { ...options, core: theirs });
    return { ...started, url: `${started.url}/socket/websocket?vsn=2.0.0&api_key=bench` };
  }
  const tested = checkout ?? join(here, "..");
  const engines = join(here, "programs/agent-engines.ts");
  async function agent(): Promise<Program> {
    const { options } = serverOf(join(here, ".."), await base());
    return await program(join(here, "programs/agent.ts"), { ...options, core: theirs });
  }
  return {
    folder,
    isPinned,
    profiles,
    model,
    relay: once(relay),
    bare: once(bare),
    server: once(() => server(tested)),
    agents: once(() => server(tested, {}, [engines])),
    agent: once(agent),
    ...(before && { before: once(() => server(before)) }),
    peers: peers({ folder: join(folder, "peers"), core: theirs, base }),
    fresh: (kind, env) => (kind === "bare" ? bare() : server(tested, env)),
  };
}

/** Pins this process to the first core. Returns false if that is not possible. */
function pinned(): boolean {
  if (cpus().length < 2) return false;
  try {
    execFileSync("taskset", ["-apc", "0", String(process.pid)], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Runs `work`, and saves a CPU profile of the program if profiles are wanted. */
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
