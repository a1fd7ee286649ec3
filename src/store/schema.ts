import type { Database } from "better-sqlite3";

/** Our own tables; LangGraph's saver keeps its own beside them. `seq` is the order of acceptance, `ended` the order of
 * ending, which differs where a waiting turn is stopped; `delivery` is 0 for a terminal event
 * that nobody was sent, 1 once it was sent, 2 once it is known to have arrived; `superseded` is 1 for a turn
 * that has left the history, 2 once it has left the thread as well; `beside` is, of a turn
 * that ended while it waited, how much of the running turn's answer there was then, in UTF-16 units. */
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

/** `texts` are prompts and summaries, each once however often it was used; `beginning` says what a turn was asked with: see beginnings.ts. */
const beginnings = `
CREATE TABLE texts (
  hash TEXT PRIMARY KEY,
  text TEXT NOT NULL
) STRICT, WITHOUT ROWID;
ALTER TABLE turns ADD COLUMN beginning TEXT;
ALTER TABLE steps ADD COLUMN kept_at REAL;
CREATE INDEX conversations_of_owner ON conversations (owner);
`;

/** The steps from an empty file to today's tables; `user_version` counts those that were taken. A step never changes. */
const migrations = [tables, supersededAndLabelled, beginnings];

/** `user_version` of a file that is up to date. */
export const newestVersion = migrations.length;

/** Brings the file up to date. Throws when it was made by a newer version. */
export function migrate(database: Database): void {
  const taken = Number(database.pragma("user_version", { simple: true }));
  if (taken > migrations.length) throw new Error("The database was made by a newer version of this server.");
  for (const [index, migration] of migrations.entries()) {
    if (index < taken) continue;
    database.transaction(() => {
      database.exec(migration);
      database.pragma(`user_version = ${index + 1}`);
    })();
  }
}
