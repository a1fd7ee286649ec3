import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { afterAll, describe, expect, it } from "vitest";

import { watchedServer } from "../reliability/process.ts";
import { figures, percentile } from "../reliability/support.ts";
import type { Tally } from "./attacks.ts";
import { witnesses } from "./witness.ts";

const warmMs = 3_000;
const attackMs = 8_000;
const folder = mkdtempSync(join(tmpdir(), "attacks-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function serverFor(name: string) {
  return watchedServer({
    API_KEYS: "key-a=user-a,key-attacker=attacker",
    DATABASE_URL: `sqlite:${join(folder, `${name.replaceAll(" ", "-")}.db`)}`,
    RATE_LIMIT_CONNECTIONS: name.includes("reconnect") || name.includes("queries") ? "300" : "0",
  });
}

async function attack(name: string, url: string): Promise<Tally> {
  const worker = new Worker(new URL("./attacker.ts", import.meta.url), { workerData: { name, url, forMs: attackMs } });
  const [tally] = await once(worker, "message");
  await worker.terminate();
  return tally;
}

/** The attacks, and an answer that tells the attacker that it was refused. */
const refusals: Record<string, string> = {
  "messages of a megabyte": "content_too_long",
  "a megabyte of nested lists": "invalid_payload",
  "frames that are too large, and reconnects": "1009",
  "full queues": "rate_limited",
  "requests whose answers are not read": "ok", // they are read so slowly that nothing fills up
  "pings whose pongs are not read": "ignored",
  "frames that are never finished": "1013",
  "300 devices that join one conversation again and again": "rate_limited",
  "50 devices that type": "rate_limited",
  "long queries": "403",
  "POSTs that are never finished": "413",
  "long poll sessions whose messages nobody fetches": "410",
};

/** The control is another server, at the same time: whatever else the machine does, both are slowed by it. */
describe("while a client attacks", () => {
  it.each(Object.entries(refusals))(
    "with %s, others are served as before, and little memory is used",
    async (name, refusal) => {
      await using server = await serverFor(name);
      await using quietServer = await serverFor("quiet");
      await using others = await witnesses(server.http);
      await using control = await witnesses(quietServer.http);
      await wait(warmMs);
      others.times();
      control.times();
      const before = server.memory();
      const tally = await attack(name, server.http);
      const [attacked, quiet] = [percentile(others.times(), 99), percentile(control.times(), 99)];
      const grown = server.memory().peak - before.peak;
      figures(name, { quiet, attacked, grown, tally });
      expect(tally[refusal]).toBeGreaterThan(0);
      expect(attacked - quiet).toBeLessThanOrEqual(50);
      expect(grown).toBeLessThan(50);
    },
  );
});
