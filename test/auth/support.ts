import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type ConnectOptions, connect, HandshakeRefused } from "../support/client.ts";
import { spawnServer } from "../support/spawned.ts";

/** A server process whose log is read, with its own folder. */
export async function loggingServer(env: Record<string, string>, folder = mkdtempSync(join(tmpdir(), "auth-"))) {
  const limits = { RATE_LIMIT_CONNECTIONS: "0", RATE_LIMIT_REFUSED: "0" };
  const DATABASE_URL = `sqlite:${join(folder, "test.db")}`;
  const server = await spawnServer({ ...limits, DATABASE_URL, LOG_LEVEL: "info", ...env });
  return {
    ...server,
    folder,
    /** The log's lines with this message, as objects. */
    logged: (message: string) =>
      server.output
        .filter((line) => line.startsWith("{"))
        .map((line): Record<string, unknown> => JSON.parse(line))
        .filter(({ msg }) => msg === message),
    async close() {
      await server.end("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The HTTP status of a handshake; 101 if it was accepted. */
export async function statusOf(url: string, options: ConnectOptions): Promise<number> {
  try {
    await (await connect(url, options)).close();
    return 101;
  } catch (error) {
    if (error instanceof HandshakeRefused) return error.status;
    throw error;
  }
}
