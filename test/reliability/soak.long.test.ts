import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { connect } from "../support/client.ts";
import { startModelServer } from "../support/model-server.ts";
import { tcpProxy } from "../support/tcp-proxy.ts";
import { replyTo } from "./soak-model.ts";
import type { Holdings } from "./soak-probe.ts";
import { soakedServer } from "./soak-server.ts";
import { turnsPerVisit, visit } from "./soak-visit.ts";
import { figures, simple, unlimited } from "./support.ts";

const blocks = 10;
const turnsPerBlock = 1000;
const lanes = 8;
const users = 2;

/** The server caches the memory of this many sessions; further ones evict old ones. */
const sessionsAtHand = 1000;

/** In bytes per turn. */
const steepest = 1024;

/** The server's resources after this many turns, while it is idle. */
interface Rest extends Holdings {
  turns: number;
  database: number;
}

const folder = mkdtempSync(join(tmpdir(), "soak-"));
const model = await startModelServer();
model.answer(replyTo);
const network = await tcpProxy(model.url);
const server = await soakedServer({
  OPENAI_BASE_URL: network.url,
  DATABASE_URL: `sqlite:${folder}/test.db`,
  MODEL: "m",
  API_KEYS: Array.from({ length: users }, (_, user) => `key-${user}=user-${user}`).join(","),
  ...unlimited,
});
const untouched = await idle();
const rests: Rest[] = [];

beforeAll(async () => {
  await fillMemory();
  let before = await atRest(0);
  for (let block = 1; block <= blocks; block += 1) {
    const startedAt = performance.now();
    await runBlock(block);
    const ms = performance.now() - startedAt;
    const rest = await atRest(block * turnsPerBlock);
    report(rest, before, ms);
    rests.push(rest);
    before = rest;
  }
}, 900_000);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await network.close();
  await model.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("a process after thousands of turns", () => {
  const last = () => rests.at(-1);

  it("does not use more memory per turn", () => {
    const slopes = { heap: slope(({ heap }) => heap), external: slope(({ external }) => external) };
    figures("soak, bytes a turn", { ...slopes, rss: slope(({ rss }) => rss) });
    expect(slopes.heap).toBeLessThan(steepest);
    expect(slopes.external).toBeLessThan(steepest);
  });

  it("has as many handles, descriptors and listeners as a new one", () => {
    expect(last()?.handles).toEqual(untouched.handles);
    expect(last()?.descriptors).toEqual(untouched.descriptors);
    expect(last()?.listeners).toEqual(untouched.listeners);
  });

  it("stores the last turns in as many bytes as the first ones", () => {
    const [first = 0, ...others] = rests
      .slice(1)
      .map(({ database }, index) => database - (rests[index]?.database ?? 0));
    const change = (others.at(-1) ?? 0) / first - 1;
    expect(Math.abs(change)).toBeLessThan(0.2);
  });
});

/** Between two polls of the prompt files. */
async function idle(): Promise<Holdings> {
  for (;;) {
    const held = await server.holdings();
    if (!("FSReqPromise" in held.handles) && !("CloseReq" in held.handles)) return held;
  }
}

/** One turn in each of as many sessions as the server caches. */
async function fillMemory(): Promise<void> {
  await using client = await connect(server.url, { apiKey: "key-0" });
  let begun = 0;
  await inLanes(async () => {
    while (begun < sessionsAtHand) {
      begun += 1;
      const conversation = await client.join(`first-${begun}`);
      await conversation.ask(`Anew: ${begun}`, simple);
      await conversation.leave();
    }
  });
}

async function runBlock(block: number): Promise<void> {
  const end = (block * turnsPerBlock) / turnsPerVisit;
  let visits = end - turnsPerBlock / turnsPerVisit;
  await inLanes(async (lane) => {
    while (visits < end) {
      visits += 1;
      await visit(server.url, lane % users, visits);
    }
  });
}

async function inLanes(work: (lane: number) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: lanes }, (_, lane) => work(lane)));
}

/** Closes idle connections to the model, which would otherwise close some seconds later, and waits for everything else. */
async function atRest(turns: number): Promise<Rest> {
  await Promise.all(model.requests.map(({ closed }) => closed));
  model.requests.length = 0;
  const late = performance.now() + 5000;
  for (;;) {
    network.cut();
    const held = await server.holdings();
    const isQuiet = isDeepStrictEqual(held.handles, untouched.handles);
    if (isQuiet || performance.now() > late) return { ...held, turns, database: databaseBytes() };
  }
}

function databaseBytes(): number {
  const database = new Database(`${folder}/test.db`, { readonly: true });
  const [pages = 0, bytes = 0] = ["page_count", "page_size"].map((name) =>
    Number(database.pragma(name, { simple: true })),
  );
  database.close();
  return pages * bytes;
}

/** How much a value grows per turn: the slope of a least-squares fit. */
function slope(value: (rest: Rest) => number): number {
  const mean = (values: number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
  const meanTurns = mean(rests.map(({ turns }) => turns));
  const meanValue = mean(rests.map(value));
  const products = rests.map((rest) => (rest.turns - meanTurns) * (value(rest) - meanValue));
  const squares = rests.map(({ turns }) => (turns - meanTurns) ** 2);
  return Math.round(mean(products) / mean(squares));
}

function report(rest: Rest, before: Rest, ms: number): void {
  const megabytes = (bytes: number) => Math.round(bytes / 1e4) / 100;
  figures("soak", {
    turns: rest.turns,
    turnsPerSecond: Math.round((turnsPerBlock / ms) * 1000),
    cpuMsPerTurn: Math.round((rest.cpu - before.cpu) / turnsPerBlock / 100) / 10,
    heapMB: megabytes(rest.heap),
    externalMB: megabytes(rest.external),
    rssMB: megabytes(rest.rss),
    databaseBytesPerTurn: Math.round((rest.database - before.database) / turnsPerBlock),
  });
}
