import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@redis/client";

import { freePort } from "../../support/free-port.ts";
import { type Service, service } from "./service.ts";

export type RedisServer = Awaited<ReturnType<typeof startRedis>>;

/** A new Redis from Debian's package on a free port, which keeps nothing on disk. Its log is in a new folder in this one. */
export async function startRedis(parent: string) {
  const folder = mkdtempSync(join(parent, "redis-"));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}/0`;
  const settings = { port, bind: "127.0.0.1", save: "", appendonly: "no", dir: folder };
  const command = [
    "redis-server",
    ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
  ];

  let running: Service;
  await start();

  async function start(): Promise<void> {
    running = service(command, { log: join(folder, "log") });
    const until = performance.now() + 10_000;
    while ((await ask("PING").catch(() => "")) !== "PONG") {
      if (!running.isAlive || performance.now() > until) throw new Error(`Redis does not start: ${folder}/log`);
      await sleep(10);
    }
  }

  /** The reply to a command, on a connection of its own. */
  async function ask(...words: string[]): Promise<unknown> {
    const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 1000 } });
    client.on("error", () => {}); // the command rejects too
    await client.connect();
    try {
      return await client.sendCommand(words);
    } finally {
      client.destroy();
    }
  }

  return {
    url,
    ask,
    start,
    signal: (signal: "SIGSTOP" | "SIGCONT") => running.signal(signal),
    end: (signal: "SIGKILL" | "SIGTERM") => running.end(signal),
    async close(): Promise<void> {
      if (running.isAlive) await running.end("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
