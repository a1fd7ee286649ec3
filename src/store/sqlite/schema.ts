import type { Database } from "better-sqlite3";

import { leaveThreads } from "./leave-threads.ts";

/**
 * `seq` is the order of acceptance; `ended` the order of ending, which differs where a waiting turn is stopped. `delivery` is 0 for a
 * terminal event that was sent to nobody, 1 once it was sent, 2 once a client acknowledged it. `superseded` is 1 for a turn that has left
 * the history. `beside`, of a turn that ended while it waited: how much the running turn had answered by then, in UTF-16 units.
 */
const tables = `
CREATE TABLE conversations (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  session_id TEXT NOT NULL REFERENCES sessions (id),
  context TEXT NOT NULL DEFAULT '{}',
  epoch INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL
) STRICT;
CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  conversation_id TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE TABLE turns (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  conversation_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  client_id TEXT,
  replaces TEXT,
  superseded INTEGER NOT NULL DEFAULT 0,
  status TEXT NOT NULL,
  attempt INTEGER NOT NULL DEFAULT 0,
  released INTEGER NOT NULL DEFAULT 0,
  accepted_at TEXT NOT NULL,
  request TEXT NOT NULL,
  outcome TEXT,
  ended INTEGER,
  delivery INTEGER NOT NULL DEFAULT 0,
  UNIQUE (conversation_id, client_id)
) STRICT;
CREATE INDEX turns_of_session ON turns (session_id, seq);
CREATE INDEX turns_ended ON turns (ended) WHERE ended IS NOT NULL;
CREATE INDEX turns_open ON turns (conversation_id, seq) WHERE status IN ('queued', 'running');
CREATE TABLE steps (
  turn_id TEXT NOT NULL,
  name TEXT NOT NULL,
  result TEXT NOT NULL,
  PRIMARY KEY (turn_id, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE feedback (
  turn_id TEXT PRIMARY KEY,
  score REAL NOT NULL,
  comment TEXT,
  given_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;

const supersededAndLabelled = `
CREATE INDEX turns_superseded ON turns (session_id, seq) WHERE superseded = 1;
ALTER TABLE feedback ADD COLUMN expected TEXT;
ALTER TABLE turns ADD COLUMN beside INTEGER;
`;

/** `texts` holds prompts and summaries, each once; `beginning` says what a turn was asked with: see beginnings.ts. */
const beginnings = `
CREATE TABLE texts (
  hash TEXT PRIMARY KEY,
  text TEXT NOT NULL
) STRICT, WITHOUT ROWID;
ALTER TABLE turns ADD COLUMN beginning TEXT;
ALTER TABLE steps ADD COLUMN kept_at REAL;
CREATE INDEX conversations_of_owner ON conversations (owner);
`;

/** Turns are the only history: the summary moves to its session. `summary_up_to` is the `seq` of the last turn that it covers. */
const oneHome = `
ALTER TABLE conversations ADD COLUMN lease_until INTEGER;
ALTER TABLE sessions ADD COLUMN summary TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN summary_up_to INTEGER NOT NULL DEFAULT 0;
CREATE INDEX turns_undelivered ON turns (session_id, ended) WHERE delivery < 2 AND ended IS NOT NULL AND superseded = 0;
DROP INDEX turns_superseded;
`;

type Migration = (database: Database) => void;

const statements =
  (sql: string): Migration =>
  (database) =>
    database.exec(sql);

/** The steps from an empty file to the current schema; `user_version` counts those that were taken. A step never changes. */
const migrations: Migration[] = [
  statements(tables),
  statements(supersededAndLabelled),
  statements(beginnings),
  (database) => {
    database.exec(oneHome);
    leaveThreads(database);
  },
];

/** `user_version` of a file that is up to date. */
export const newestVersion = migrations.length;

/** Brings the file up to date. Throws when it was made by a newer version. */
export function migrate(database: Database): void {
  const taken = Number(database.pragma("user_version", { simple: true }));
  if (taken > migrations.length) throw new Error("The database was made by a newer version of this server.");
  for (const [index, migration] of migrations.entries()) {
    if (index < taken) continue;
    database.transaction(() => {
      migration(database);
      database.pragma(`user_version = ${index + 1}`);
    })();
  }
}
