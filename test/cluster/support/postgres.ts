import { execFileSync } from "node:child_process";
import { chownSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

import { freePort } from "../../support/free-port.ts";
import { asUser, type Service, service } from "./service.ts";

export type Postgres = Awaited<ReturnType<typeof startPostgres>>;

/** Postgres refuses to run as root. Debian's package makes this user. */
const user = "postgres";

/** A new Postgres from Debian's package on a free port. Its files are in a new folder in this one, and are synced like anybody's. */
export async function startPostgres(parent: string) {
  const programs = globSync("/usr/lib/postgresql/*/bin").sort().at(-1);
  if (!programs) throw new Error("Postgres is not installed: apt-get install postgresql");
  const folder = mkdtempSync(join(parent, "postgres-"));
  if (process.getuid?.() === 0) chownSync(folder, idOf("-u"), idOf("-g"));
  const data = join(folder, "data");
  const init = [`${programs}/initdb`, "-D", data, "-U", user, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"];
  execFileSync("setpriv", [...asUser(user), ...init], { stdio: ["ignore", "ignore", "inherit"], cwd: "/" });
  const port = await freePort();
  const url = `postgres://${user}@127.0.0.1:${port}/postgres`;
  const settings = { port, unix_socket_directories: "", listen_addresses: "127.0.0.1", max_connections: 300 };
  const command = [`${programs}/postgres`, "-D", data];
  for (const [name, value] of Object.entries(settings)) command.push("-c", `${name}=${value}`);

  let running: Service;
  await start();

  async function start(): Promise<void> {
    running = service(command, { user, lastSignal: "INT", log: join(folder, "log") });
    const until = performance.now() + 30_000;
    while (!(await isReady(url))) {
      if (!running.isAlive || performance.now() > until) throw new Error(`Postgres does not start: ${folder}/log`);
      await sleep(20);
    }
  }

  return {
    url,
    /** The server's first process. */
    get pid() {
      return running.pid;
    },
    start,
    /** SIGTERM waits for connections, SIGINT ends them, SIGQUIT ends without a checkpoint. */
    end: (signal: "SIGTERM" | "SIGINT" | "SIGQUIT") => running.end(signal),
    async close(): Promise<void> {
      if (running.isAlive) await running.end("SIGQUIT");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function idOf(option: "-u" | "-g"): number {
  return Number(execFileSync("id", [option, user]));
}

async function isReady(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1000 });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("SELECT 1");
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
