import { setTimeout } from "node:timers/promises";
import type pg from "pg";

import { StoreBusy } from "../store.ts";
import { type Failure, failureOf, isLost, isSilent, withoutContent } from "./failures.ts";
import type { Pool } from "./pool.ts";
import type { Statement } from "./statement.ts";
import { type Query, type Transaction, transact } from "./transaction.ts";

export interface Patience {
  /** Rejects with `StoreBusy` if the database cannot be used for longer than this. Default: `clientPatienceMs`. */
  patienceMs?: number;
  /** After this time without an answer, the connection counts as dead. Default: `answerTimeoutMs`. For statements that may take longer. */
  answerMs?: number;
}

/** Reads and writes. Both are tried again while the database cannot be used, so they have to be safe to repeat. Statements use `$1`, `$2`, … */
export interface Database {
  /** The rows of one statement, which is a transaction of its own. */
  rows<Row>(statement: Statement, values?: readonly unknown[], patience?: Patience): Promise<Row[]>;
  first<Row>(statement: Statement, values?: readonly unknown[], patience?: Patience): Promise<Row | undefined>;
  /** Several statements as one transaction. What `run` throws takes it back. */
  transaction<Result>(run: (transaction: Transaction) => Promise<Result>, patience?: Patience): Promise<Result>;
  /** Waits for what runs. Whatever has to be tried again, and all that comes later, rejects. */
  close(): Promise<void>;
}

/** For what a client waits for: it gets a code that it sends again. */
export const clientPatienceMs = 2_000;

/** For what is tried again in the background. */
export const backgroundPatienceMs = 30_000;

/** Between two attempts. */
const retryMs = 100;

/** Longer than anything waits for a lock: see transaction.ts. */
const answerTimeoutMs = 3_000;

/** Called when the database cannot be used any more, with the reason, and when it can be used again. */
export type OnChange = (cause: unknown) => void;

export function openDatabase(pool: Pool, onChange: OnChange = () => {}): Database {
  const running = new Set<Promise<unknown>>();
  let isClosed = false;
  let isUp = true;
  /** False behind a pooler that gives each transaction another session. */
  let isNamed = true;

  const queryFor =
    ({ answerMs = answerTimeoutMs }: Patience = {}): Query =>
    ({ name, text }, values) => ({
      ...(isNamed && name && { name }),
      text,
      values: [...values],
      query_timeout: answerMs,
    });

  async function attempt<Result>(use: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
    const client = await pool.connect();
    let failure: Failure | undefined;
    try {
      return await use(client);
    } catch (error) {
      failure = failureOf(error);
      withoutContent(error);
      if (isSilent(error)) pool.replace();
      throw error;
    } finally {
      client.release(failure === "unavailable" || failure === "stale plan");
    }
  }

  async function persist<Result>(
    use: (client: pg.PoolClient, isRepeat: boolean) => Promise<Result>,
    { patienceMs = clientPatienceMs }: Patience = {},
  ): Promise<Result> {
    const giveUpAt = performance.now() + patienceMs;
    for (let isRepeat = false; ; ) {
      if (isClosed) throw new Error("The store is closed.");
      try {
        const result = await attempt((client) => use(client, isRepeat));
        if (!isUp) onChange(undefined);
        isUp = true;
        return result;
      } catch (error) {
        const failure = failureOf(error);
        if (failure === "defect") throw error;
        if (failure === "foreign session") isNamed = false;
        if (failure === "unavailable" && isUp) onChange(error);
        if (failure === "unavailable") isUp = false;
        isRepeat ||= isLost(error);
        if (performance.now() > giveUpAt - retryMs) throw busy(error);
        if (failure === "unavailable") await setTimeout(retryMs);
      }
    }
  }

  async function tracked<Result>(work: Promise<Result>): Promise<Result> {
    running.add(work);
    try {
      return await work;
    } finally {
      running.delete(work);
    }
  }

  async function rows<Row>(statement: Statement, values: readonly unknown[] = [], patience?: Patience): Promise<Row[]> {
    const use = async (client: pg.PoolClient) =>
      (await client.query(queryFor(patience)(statement, values))).rows as Row[]; // what the statement selects
    return await tracked(persist(use, patience));
  }

  return {
    rows,
    async first<Row>(statement: Statement, values?: readonly unknown[], patience?: Patience) {
      const [first] = await rows<Row>(statement, values, patience);
      return first;
    },
    async transaction(run, patience) {
      return await tracked(
        persist((client, isRepeat) => transact(client, queryFor(patience), run, isRepeat), patience),
      );
    },
    async close() {
      isClosed = true;
      await Promise.allSettled(running);
      await pool.close();
    },
  };
}

function busy(cause: unknown): StoreBusy {
  const busy = new StoreBusy("The database cannot be reached, or is overloaded.");
  busy.cause = cause;
  return busy;
}
