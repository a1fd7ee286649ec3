import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, connect } from "../../support/client.ts";
import type { CrashPoint } from "../../support/crash-point.ts";
import { freePort } from "../../support/free-port.ts";
import { type ModelRequest, type ModelServer, startModelServer } from "../../support/model-server.ts";
import { type SpawnedServer, spawnServer } from "../../support/spawned.ts";
import { unlimited } from "../support.ts";

const nodeArguments = ["--import", new URL("../../support/crash-point.ts", import.meta.url).href];

export type Lane = Awaited<ReturnType<typeof lane>>;

/** One database and two clients, used across all server processes. */
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
  // The member without a cursor reconnects first, so that the other's return does not acknowledge its events.
  const [plain, cursor] = [await stayingClient(server, 20), await stayingClient(server, 150)];

  /** Written atomically, so that the server never reads half of it. */
  function arm(point: CrashPoint): void {
    writeFileSync(`${crashFile}.new`, JSON.stringify(point));
    renameSync(`${crashFile}.new`, crashFile);
  }

  return {
    model,
    plain,
    /** For conversations that join with a cursor. */
    cursor,
    arm,
    /** Resolves to how the process exited, and whether that was at the point. */
    async died() {
      const exit = await server.exited;
      await Promise.all([plain, cursor].map(gone));
      return { exit, isReached: !existsSync(crashFile) };
    },
    /** Starts the next process. Rejects if it exits before it listens. */
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

/** Answers with a different text each time, slow enough to crash in the middle. It is cut or long if the question says so. */
async function answeringModel(): Promise<ModelServer> {
  const model = await startModelServer();
  model.answer((request: ModelRequest) => {
    if (request.structured) return undefined;
    const filling = request.user.includes("at length") ? "-".repeat(15_000) : "four";
    const chunks = `Answer ${request.index} to that: one two three ${filling}`.split(/(?= )/);
    const chunkDelayMs = 20 + 7 * (request.index % 3); // parallel steps end one after the other, so each has its own commit
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

/** Resolves when the client has read everything from its closed connection. */
async function gone({ socket }: Client): Promise<void> {
  if (!socket.isConnected()) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const ref = socket.onClose(() => resolve());
  await promise.finally(() => socket.off([ref]));
}
