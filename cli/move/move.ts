import { setTimeout } from "node:timers/promises";
import type pg from "pg";

import type { Source } from "./source.ts";
import { contents, conversations, counters, type Row, type Table } from "./tables.ts";
import { target } from "./target.ts";
import { isEqual, type Verified, verified } from "./verify.ts";

/** What is told meanwhile. */
export interface Listener {
  note(line: string): void;
  progress(of: { doing: "copying" | "verifying"; table: string; rows: number; total: number }): void;
}

const maxBatchRows = 1_000;

/** Of texts, in UTF-16 units, and of bytes. A larger row is a batch of its own. */
const maxBatchSize = 2_097_152;

/** A connection that was ended a moment ago may still be listed. */
const serverPatienceMs = 2_000;

const all = [...contents, conversations];

/**
 * Copies everything into a database without conversations, and compares both. A run that was interrupted is continued by the next one. Whatever was
 * copied is found only in the end, when the conversations are there, which are written together with the result of the comparison. Rejects with
 * an Error whose message says what to do; nothing is found in the target then.
 */
export async function move(from: Source, client: pg.ClientBase, listener: Listener): Promise<Verified[]> {
  const to = target(client);
  await refuseServers(to);
  const isContinued = await to.isUnfinished();
  if (!isContinued) {
    const moved = await movedBefore(from, to, listener);
    if (moved) return moved;
    await to.begin();
  }
  if (isContinued) listener.note("An earlier run was interrupted. This one continues it.");
  await copyAll(from, to, listener);
  const first = await finished(from, to, listener);
  if (isMoved(first)) return first;
  if (!isContinued) throw different(first);
  listener.note("The file has changed since the earlier run: everything is copied again.");
  await to.clear();
  await copyAll(from, to, listener);
  const second = await finished(from, to, listener);
  if (!isMoved(second)) throw different(second);
  return second;
}

type Target = ReturnType<typeof target>;

const isMoved = (results: readonly Verified[]) => results.every(isEqual);

async function refuseServers(to: Target): Promise<void> {
  for (const giveUpAt = performance.now() + serverPatienceMs; (await to.servers()) > 0; await setTimeout(100)) {
    if (performance.now() > giveUpAt) throw new Error("A server uses the new database. Stop it first.");
  }
}

/** Refuses a database in use, unless it has exactly what is to be moved: then an earlier run ended before it could say so. */
async function movedBefore(from: Source, to: Target, listener: Listener): Promise<Verified[] | undefined> {
  const others = await to.count(conversations);
  const isEmpty = others === 0 && (await to.count(turnsTable)) === 0 && (await to.count(filesTable)) === 0;
  if (isEmpty) return undefined;
  if (others === from.count(conversations) && others > 0) {
    const results = await to.transaction(() => verifyAll(from, to, listener));
    if (isMoved(results)) return results;
  }
  throw new Error("The new database has other conversations or files than this one. Move to one without any.");
}

const [turnsTable, filesTable] = ["turns", "files"].map(named) as [Table, Table];

function named(name: string): Table {
  const found = all.find((table) => table.name === name);
  if (!found) throw new Error(`There is no table ${name}.`);
  return found;
}

async function copyAll(from: Source, to: Target, listener: Listener): Promise<void> {
  for (const table of contents) {
    const total = from.count(table);
    let progress = await to.progress(table);
    const told = () => listener.progress({ doing: "copying", table: table.name, rows: progress.copied, total });
    told();
    for (const batch of batches(from.rows(table, progress.position))) {
      progress = await to.copy(table, progress, batch);
      told();
    }
  }
}

/** If everything is equal, it is there for everybody. Otherwise the conversations are not written. */
async function finished(from: Source, to: Target, listener: Listener): Promise<Verified[]> {
  const total = from.count(conversations);
  let results: Verified[] = [];
  const finish = to.transaction(async () => {
    await to.lock();
    if ((await to.count(conversations)) > 0) throw new Error("Somebody has begun conversations in the new database.");
    let rows = 0;
    for (const batch of batches(from.rows(conversations))) {
      await to.insert(conversations, batch);
      rows += batch.length;
      listener.progress({ doing: "copying", table: conversations.name, rows, total });
    }
    results = await verifyAll(from, to, listener);
    if (!isMoved(results)) throw new Unequal();
    for (const counter of counters) await to.setCounter(counter, from.highest(counter.table, counter.column));
    await to.end();
  });
  await finish.then(to.analyze, (error: unknown) => {
    if (!(error instanceof Unequal)) throw error;
  });
  return results;
}

/** Takes back the last transaction. */
class Unequal extends Error {}

async function verifyAll(from: Source, to: Target, listener: Listener): Promise<Verified[]> {
  const results: Verified[] = [];
  for (const table of all) {
    const result = await verified(from, to, table);
    results.push(result);
    const { rows } = result.target;
    listener.progress({ doing: "verifying", table: table.name, rows, total: result.source.rows });
  }
  return results;
}

function different(results: readonly Verified[]): Error {
  const tables = results.filter((result) => !isEqual(result)).map(({ table }) => table);
  return new Error(`These tables differ after they were copied: ${tables.join(", ")}. Nothing was moved.`);
}

function* batches(rows: Iterable<Row>): Generator<Row[]> {
  let batch: Row[] = [];
  let size = 0;
  for (const row of rows) {
    const own = sizeOf(row);
    if (batch.length > 0 && (batch.length >= maxBatchRows || size + own > maxBatchSize)) {
      yield batch;
      [batch, size] = [[], 0];
    }
    batch.push(row);
    size += own;
  }
  if (batch.length > 0) yield batch;
}

function sizeOf(row: Row): number {
  return row.reduce<number>(
    (size, value) => size + (value === null || typeof value === "number" ? 8 : value.length),
    0,
  );
}
