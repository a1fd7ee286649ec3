import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { afterAll, expect, it } from "vitest";

import { spawnServer } from "../support/spawned.ts";
import { adversarialTexts, harmless } from "./adversarial-texts.ts";
import { figures, unlimited } from "./support.ts";

/** How much longer another conversation may wait than it does while nothing happens, or while harmless answers are as long. In ms. */
const mostMs = 50;

/** A slow text is slow each time. Whatever else the machine does is not. */
const attempts = 5;

/** Together, the answers are long enough for a summary. */
const engines = ["generation", "analysis", "problem_solving", "complex", "simple", "multi_step", "generation"];

const folder = mkdtempSync(join(tmpdir(), "adversarial-"));
const worker = new Worker(new URL("adversarial-model.ts", import.meta.url));
const [model] = await once(worker, "message");
const server = await spawnServer(
  {
    ...unlimited,
    OPENAI_BASE_URL: model,
    DATABASE_URL: `sqlite:${folder}/test.db`,
    API_KEYS: "key-a=user-a,key-b=user-b",
    WORKBENCH: "1",
    MODEL: "m",
  },
  process.cwd(),
  { nodeArguments: ["--import", "./test/reliability/loop-probe.ts"] },
);
worker.postMessage(server.url);
afterAll(async () => {
  await worker.terminate();
  await server.end("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** How long the other conversation's turns took since the last call, in ms. */
async function waits(): Promise<number[]> {
  worker.postMessage("waits");
  const [taken] = await once(worker, "message");
  return taken;
}

/** All that a conversation does with its model's answers. Each is as long as an answer may be, except for one that is nothing but thoughts. */
async function converse(name: string): Promise<void> {
  await using client = await server.connect();
  const id = crypto.randomUUID();
  const conversation = await client.join(id);
  for (const engine of [...engines, undefined]) {
    const { terminal } = await conversation.ask(name, { options: { engine } }, 120_000);
    expect(terminal.event).toBe(name === "thoughts" ? "error" : "response");
  }
  const { status, response } = await conversation.push("get_history", { limit: 5 }, 60_000);
  expect(status).toBe("ok");
  await using later = await server.connect();
  await later.join(id);
  const bench = await later.join(`workbench:${id}`);
  for (const { turn_id } of response.turns.slice(-2)) {
    expect(await bench.push("get_turn", { turn_id }, 60_000)).toMatchObject({ status: "ok" });
    const { replay_id } = (await bench.push("replay", { turn_id }, 60_000)).response;
    const ended = name === "thoughts" ? "replay_failed" : "replay_finished";
    await bench.next(ended, (payload) => payload.replay_id === replay_id, 60_000);
  }
}

interface Measured {
  /** The longest wait of the other conversation, in ms. */
  wait: number;
  /** For how long the server did nothing else, at the most, in ms of CPU time. */
  busy: number;
}

async function measured(load: () => Promise<unknown>): Promise<Measured> {
  await waits();
  const lines = server.output.length;
  await load();
  const taken = await waits();
  const busy = server.output.slice(lines).map((line) => Number(/^held up (\S+)$/.exec(line)?.[1] ?? 0));
  return { wait: Math.round(Math.max(...taken)), busy: Math.round(Math.max(0, ...busy)) };
}

const names = Object.keys(adversarialTexts).filter((name) => name !== harmless);

it.each(names)("answers of 1 MiB of %s hold up no other conversation", async (name) => {
  const quiet = await measured(() => pause(1_000));
  const plain = await measured(() => converse(harmless));
  // Against a plain answer of the same length, because machines differ.
  const mostWait = Math.max(quiet.wait, plain.wait) * 2 + mostMs;
  const mostBusy = Math.max(mostMs, plain.busy * 3);
  const isFast = ({ wait, busy }: Measured) => wait <= mostWait && busy <= mostBusy;
  let loud = await measured(() => converse(name));
  for (let attempt = 1; attempt < attempts && !isFast(loud); attempt += 1) loud = await measured(() => converse(name));
  figures(name, { quiet, plain, loud });
  expect(loud.busy).toBeLessThanOrEqual(mostBusy);
  expect(loud.wait).toBeLessThanOrEqual(mostWait);
});
