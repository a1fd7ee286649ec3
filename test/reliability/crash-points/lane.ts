import { once } from "node:events";
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Client, connect } from "../../support/client.ts";
import type { CrashPoint } from "../../support/crash-point.ts";
import { type ModelRequest, type ModelServer, startModelServer } from "../../support/model-server.ts";
import { type SpawnedServer, spawnServer } from "../../support/spawned.ts";
import { unlimited } from "../support.ts";

const nodeArguments = ["--import", new URL("../../support/crash-point.ts", import.meta.url).href];

export type Lane = Awaited<ReturnType<typeof lane>>;

/** One database and two clients that stay, through as many lives of the server as it takes. */
export async function lane() {
  const folder = mkdtempSync(join(tmpdir(), "crash-points-"));
  const crashFile = join(folder, "crash.json");
  const model = await answeringModel();
  const port = await freePort();
  const env = {
    OPENAI_BASE_URL: model.url,
    DATABASE_URL: `sqlite:${folder}/test.db`,
    MODEL: "m",
    ROUTING_THRESHOLD: "1", // a turn without an engine is routed by the model
    PORT: String(port),
    CRASH_FILE: crashFile,
    ...unlimited,
  };
  let server = await spawnServer(env, undefined, { nodeArguments });
  // Who keeps no cursor comes back first: what it was sent before shall not be known by the other's return.
  const [plain, cursor] = [await stayingClient(server, 20), await stayingClient(server, 150)];

  /** The server never reads half of it. */
  function arm(point: CrashPoint): void {
    writeFileSync(`${crashFile}.new`, JSON.stringify(point));
    renameSync(`${crashFile}.new`, crashFile);
  }

  return {
    model,
    plain,
    /** For conversations whose joins say what was seen. */
    cursor,
    arm,
    /** Resolves to how the process ended, and whether it was at the point. */
    async died() {
      const exit = await server.exited;
      await Promise.all([plain, cursor].map(gone));
      return { exit, isReached: !existsSync(crashFile) };
    },
    /** The next life of the server, and when it began. Rejects where it ends before it listens. */
    async revive(next?: CrashPoint) {
      await server.end("SIGKILL");
      rmSync(crashFile, { force: true });
      if (next) arm(next);
      const spawnedAt = performance.now();
      server = await spawnServer(env, undefined, { nodeArguments });
      return { spawnedAt, listeningAt: performance.now() };
    },
    async close(): Promise<void> {
      plain.socket.disconnect();
      cursor.socket.disconnect();
      await server.end("SIGKILL");
      await model.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Its text is another one each time, slow enough to die in the middle of; it is cut or long where the question says so. */
async function answeringModel(): Promise<ModelServer> {
  const model = await startModelServer();
  model.answer((request: ModelRequest) => {
    if (request.structured) return undefined;
    const filling = request.user.includes("at length") ? "-".repeat(15_000) : "four";
    const chunks = `Answer ${request.index} to that: one two three ${filling}`.split(/(?= )/);
    const chunkDelayMs = 20 + 7 * (request.index % 3); // steps side by side end one after the other, each with a commit of its own
    return { chunks, chunkDelayMs, ...(request.user.includes("cut") && { cutAfter: 5 }) };
  });
  return model;
}

function stayingClient({ url }: SpawnedServer, backAfterMs: number) {
  const after = () => backAfterMs;
  // The second heartbeat after a turn's end shows that the client has read it.
  const socketOptions = { reconnectAfterMs: after, rejoinAfterMs: after, heartbeatIntervalMs: 2_000 };
  return connect(url, { apiKey: "key-a", socketOptions });
}

/** Resolves when the client has read all that was sent to it on a connection that is over. */
async function gone({ socket }: Client): Promise<void> {
  if (!socket.isConnected()) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const ref = socket.onClose(() => resolve());
  await promise.finally(() => socket.off([ref]));
}

/** Above those that the system gives out by itself, so that it stays free between two lives. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 61_000 + Math.floor(Math.random() * 4_500);
    const probe = createServer();
    try {
      await once(probe.listen(port, "127.0.0.1"), "listening");
      probe.close();
      await once(probe, "close");
      return port;
    } catch {}
  }
}
