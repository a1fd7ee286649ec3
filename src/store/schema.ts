import type { Database } from "better-sqlite3";

/** Our own tables; LangGraph's saver keeps its own beside them. `seq` is the order of acceptance; `delivery` is 0 for a terminal event
 * that nobody was sent, 1 once it was sent, 2 once it is known to have arrived. */
const schema = `
CREATE TABLE IF NOT EXISTS conversations (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  session_id TEXT NOT NULL REFERENCES sessions (id),
  context TEXT NOT NULL DEFAULT '{}',
  epoch INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS sessions (
  id TEXT PRIMARY KEY,
  conversation_id TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS turns (
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
  accepted_at TEXT NOT NULL,
  request TEXT NOT NULL,
  outcome TEXT,
  delivery INTEGER NOT NULL DEFAULT 0,
  UNIQUE (conversation_id, client_id)
) STRICT;
CREATE INDEX IF NOT EXISTS turns_of_session ON turns (session_id, seq);
CREATE INDEX IF NOT EXISTS turns_open ON turns (conversation_id, seq) WHERE status IN ('queued', 'running');
CREATE TABLE IF NOT EXISTS steps (
  turn_id TEXT NOT NULL,
  name TEXT NOT NULL,
  result TEXT NOT NULL,
  PRIMARY KEY (turn_id, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS feedback (
  turn_id TEXT PRIMARY KEY,
  score REAL NOT NULL,
  comment TEXT,
  given_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;

export function setUp(database: Database): void {
  database.exec(schema);
}
