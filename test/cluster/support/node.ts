import { connect } from "../../support/client.ts";
import { type SpawnedServer, spawnServer } from "../../support/spawned.ts";
import { type TcpProxy, tcpProxy } from "../../support/tcp-proxy.ts";

interface NodeOptions {
  name: string;
  port: number;
  postgresUrl: string;
  redisUrl: string;
  env: Record<string, string>;
  nodeArguments: string[];
  /** A program with its arguments that starts Node, such as `taskset`. */
  prefix: string[];
  folder: string | undefined;
}

export type ClusterNode = Awaited<ReturnType<typeof clusterNode>>;

/** One server process on a port of its own. It reaches Postgres and Redis through a proxy each, which can fail. */
export async function clusterNode(options: NodeOptions) {
  const { name, port, folder } = options;
  const postgres: TcpProxy = await tcpProxy(options.postgresUrl);
  const redis: TcpProxy = await tcpProxy(options.redisUrl);
  let running: SpawnedServer | undefined;
  let isStopped = false;
  let isClosed = false;

  /** `env` overrides settings in this life. */
  async function start(env: Record<string, string> = {}, nodeArguments = options.nodeArguments): Promise<void> {
    const settings = { PORT: String(port), DATABASE_URL: postgres.url, REDIS_URL: redis.url, ...options.env, ...env };
    if (isClosed) return;
    const prefix = ["setpriv", "--pdeathsig", "KILL", ...options.prefix];
    const started = await spawnServer(settings, folder, { nodeArguments, prefix });
    if (isClosed) return void (await started.end("SIGKILL"));
    running = started;
  }

  async function end(signal: NodeJS.Signals): Promise<unknown[]> {
    const ending = running;
    running = undefined;
    if (isStopped) node.cont();
    return (await ending?.end(signal)) ?? [];
  }

  function signal(name: NodeJS.Signals): void {
    if (running) process.kill(running.pid, name);
  }

  const node = {
    name,
    port,
    http: `http://127.0.0.1:${port}`,
    /** For phoenix.js. */
    url: `ws://127.0.0.1:${port}/socket`,
    /** The way to Postgres. */
    postgres,
    /** The way to Redis. */
    redis,
    get isRunning() {
      return running !== undefined;
    },
    get pid() {
      return running?.pid ?? 0;
    },
    /** Its stdout in this life. */
    get output() {
      return running?.output ?? [];
    },
    start,
    /** SIGKILL. */
    kill: () => end("SIGKILL"),
    /** SIGTERM. Resolves to exit code and signal. */
    term: () => end("SIGTERM"),
    /** SIGSTOP: it does nothing until `cont`, and its connections stay open. */
    stop(): void {
      isStopped = true;
      signal("SIGSTOP");
    },
    cont(): void {
      isStopped = false;
      signal("SIGCONT");
    },
    async restart(how: "SIGKILL" | "SIGTERM" = "SIGTERM"): Promise<void> {
      await end(how);
      await start();
    },
    connect: (apiKey = "key-a") => connect(node.url, { apiKey }),
    /** A number of its metrics, summed over all labels that match; 0 if there is none. */
    async metric(name: string, labels = ""): Promise<number> {
      const text = await (await fetch(`${node.http}/metrics`)).text();
      const lines = text.split("\n").filter((line) => line.startsWith(name) && line.includes(labels));
      return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
    },
    async close(): Promise<void> {
      isClosed = true;
      await end("SIGKILL");
      await Promise.all([postgres.close(), redis.close()]);
    },
  };
  return node;
}
