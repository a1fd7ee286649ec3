import { existsSync, readFileSync, rmSync } from "node:fs";

import Database from "better-sqlite3";
import { WebSocket } from "ws";

/**
 * Preloaded into a server by `node --import`: while the file `CRASH_FILE` contains a point, the process kills itself there like
 * `kill -9`, and the file is removed. A deed is a statement's SQL, a transaction as `commit: ` and its writes, or a frame as `send: ` and its text.
 */
export interface CrashPoint {
  when: "before" | "after";
  /** A regular expression. */
  deed: string;
  /** Which matching deed since the point was armed, counted from 1. */
  count: number;
}

interface Statement {
  source: string;
  database: object;
  run(...values: unknown[]): unknown;
  get(...values: unknown[]): unknown;
  all(...values: unknown[]): unknown;
}

const file = process.env.CRASH_FILE ?? "";
const transactions = new WeakMap<object, string[]>();
let deedsDone = 0;

function reach(when: CrashPoint["when"], deed: string): void {
  if (!existsSync(file)) return;
  const point: CrashPoint = JSON.parse(readFileSync(file, "utf8"));
  if (when !== point.when || !new RegExp(point.deed).test(deed)) return;
  deedsDone += 1;
  if (deedsDone < point.count) return;
  rmSync(file);
  process.kill(process.pid, "SIGKILL");
}

function around<Result>(deed: string, act: () => Result): Result {
  reach("before", deed);
  const result = act();
  reach("after", deed);
  return result;
}

function execute<Result>({ source, database }: Statement, act: () => Result): Result {
  const sql = source.replace(/\s+/g, " ").trim();
  const writes = transactions.get(database);
  if (sql.startsWith("BEGIN")) {
    transactions.set(database, []);
    return act();
  }
  if (sql === "COMMIT" || sql === "ROLLBACK") {
    transactions.delete(database);
    return sql === "COMMIT" ? around(`commit: ${writes?.join("; ")}`, act) : act();
  }
  if (!writes) return around(sql, act);
  if (!/^(SELECT|SAVEPOINT|RELEASE)/.test(sql)) writes.push(sql);
  return act();
}

const statement: Statement = Object.getPrototypeOf(new Database(":memory:").prepare("SELECT 1"));
for (const method of ["run", "get", "all"] as const) {
  const real = statement[method];
  statement[method] = function (...values) {
    return execute(this, () => real.apply(this, values));
  };
}

const { send } = WebSocket.prototype;
Object.assign(WebSocket.prototype, {
  send(this: WebSocket, ...values: Parameters<typeof send>) {
    around(`send: ${values[0]}`, () => send.apply(this, values));
  },
});
