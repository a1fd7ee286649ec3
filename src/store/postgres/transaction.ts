import type pg from "pg";

import { type Statement, sql } from "./statement.ts";

/**
 * One transaction. Statements are sent at once, without waiting for the answers to those before: sent together, they take the time of one. If
 * one fails, so do all later ones, and the transaction: statements need not be awaited.
 */
export interface Transaction {
  /** An earlier attempt of this transaction may have been written: the connection was lost before its answer came. */
  isRepeat: boolean;
  /**
   * Waits until no other transaction writes to this conversation; what later statements read stays as it is. A transaction locks one conversation,
   * before anything else.
   */
  lock(conversationId: string): Promise<unknown>;
  rows<Row>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
  /** The last statement, which is sent together with the commit. */
  last<Row>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
}

/**
 * A process that is paused in a transaction would keep its conversation locked, so the server ends such a transaction. These are no parameters
 * of the connection, since poolers refuse them.
 */
export const begin: Statement = {
  name: "",
  text: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = '2s'; SET LOCAL idle_in_transaction_session_timeout = '1s'",
};
const commit: Statement = { name: "", text: "COMMIT" };
const rollback: Statement = { name: "", text: "ROLLBACK" };

const lock = sql("SELECT 1 FROM conversations WHERE id = $1 FOR NO KEY UPDATE");

/** Makes a statement what pg takes. */
export type Query = (statement: Statement, values: readonly unknown[]) => pg.QueryConfig;

/** Rejects with what failed first. Nothing was written then, unless it was the answer to the commit that was lost. */
export async function transact<Result>(
  client: pg.PoolClient,
  query: Query,
  run: (transaction: Transaction) => Promise<Result>,
  isRepeat: boolean,
): Promise<Result> {
  const sent: Promise<pg.QueryResult>[] = [];
  let isEnding = false;

  function send(one: pg.QueryConfig): Promise<pg.QueryResult> {
    const answer = client.query(one);
    answer.catch(() => {}); // looked at in the end
    sent.push(answer);
    return answer;
  }
  function end(how: Statement): void {
    if (!isEnding) send(query(how, []));
    isEnding = true;
  }
  function rows<Row>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    const found = send(query(statement, values)).then((answer) => answer.rows as Row[]); // what the statement selects
    found.catch(() => {}); // may not be awaited
    return found;
  }
  async function last<Row>(statement: Statement, values?: readonly unknown[]): Promise<Row[]> {
    const answer = rows<Row>(statement, values);
    end(commit);
    return await answer;
  }

  send(query(begin, []));
  const lockRow = (conversationId: string) => rows(lock, [conversationId]);
  const [result] = await Promise.allSettled([run({ isRepeat, lock: lockRow, rows, last })]);
  end(result.status === "fulfilled" ? commit : rollback);
  const failed = (await Promise.allSettled(sent)).find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
  if (result.status === "rejected") throw result.reason;
  return result.value;
}
