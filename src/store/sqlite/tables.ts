/**
 * `seq` is the order of acceptance, `ended` the order of ending; they differ if a queued turn is stopped. `delivery` is the state of the
 * terminal event: 0 not sent, 1 sent, 2 acknowledged. `superseded` is 1 for a turn that has left the history. `beside` is set for a turn that
 * was stopped while queued: the length of the running turn's answer at that moment, in UTF-16 units.
 */
export const tables = `
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

export const supersededAndLabelled = `
CREATE INDEX turns_superseded ON turns (session_id, seq) WHERE superseded = 1;
ALTER TABLE feedback ADD COLUMN expected TEXT;
ALTER TABLE turns ADD COLUMN beside INTEGER;
`;

/** `texts` holds each prompt and summary once. `beginning` is what the model remembered when the turn started: see ../memory-row.ts. */
export const textsAndMemory = `
CREATE TABLE texts (
  hash TEXT PRIMARY KEY,
  text TEXT NOT NULL
) STRICT, WITHOUT ROWID;
ALTER TABLE turns ADD COLUMN beginning TEXT;
ALTER TABLE steps ADD COLUMN kept_at REAL;
CREATE INDEX conversations_of_owner ON conversations (owner);
`;

/** Turns become the only history, and the summary moves to its session. `summary_up_to` is the `seq` of the last turn that it covers. */
export const leasesAndSummaries = `
ALTER TABLE conversations ADD COLUMN lease_until INTEGER;
ALTER TABLE sessions ADD COLUMN summary TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN summary_up_to INTEGER NOT NULL DEFAULT 0;
CREATE INDEX turns_undelivered ON turns (session_id, ended) WHERE delivery < 2 AND ended IS NOT NULL AND superseded = 0;
DROP INDEX turns_superseded;
`;

/** What models told about their thinking, by the `seq` of the turn. Beside `turns`, so that reading a turn does not read it. */
export const reasoning = `
CREATE TABLE reasoning (
  seq INTEGER PRIMARY KEY REFERENCES turns (seq) ON DELETE CASCADE,
  text TEXT NOT NULL
) STRICT;
`;

/**
 * `waits`: what waiting turns need in order to go on. `graph_checkpoints` and `graph_writes`: LangGraph's, of turns in flight; the highest `place`
 * is the newest. `tool_calls`: which calls of a turn in flight have started, in which attempt, and how they ended. `produced`: what turns of
 * stock graphs leave to later ones, by `seq`, beside `turns`.
 */
export const waitsAndProduced = `
DROP INDEX turns_open;
CREATE INDEX turns_open ON turns (conversation_id, seq) WHERE status IN ('queued', 'running', 'waiting');
CREATE TABLE waits (
  turn_id TEXT PRIMARY KEY,
  wait TEXT NOT NULL
) STRICT;
CREATE TABLE graph_checkpoints (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  turn_id TEXT NOT NULL,
  namespace TEXT NOT NULL,
  id TEXT NOT NULL,
  parent_id TEXT,
  checkpoint_type TEXT NOT NULL,
  checkpoint BLOB NOT NULL,
  metadata_type TEXT NOT NULL,
  metadata BLOB NOT NULL,
  UNIQUE (turn_id, namespace, id)
) STRICT;
CREATE TABLE graph_writes (
  turn_id TEXT NOT NULL,
  namespace TEXT NOT NULL,
  checkpoint_id TEXT NOT NULL,
  task_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  task_path TEXT NOT NULL,
  channel TEXT NOT NULL,
  type TEXT NOT NULL,
  value BLOB NOT NULL,
  PRIMARY KEY (turn_id, namespace, checkpoint_id, task_id, position)
) STRICT;
CREATE TABLE tool_calls (
  place INTEGER PRIMARY KEY,
  turn_id TEXT NOT NULL,
  call TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  has_ended INTEGER NOT NULL DEFAULT 0,
  told TEXT NOT NULL,
  output TEXT,
  UNIQUE (turn_id, call)
) STRICT;
CREATE TABLE produced (
  seq INTEGER PRIMARY KEY REFERENCES turns (seq) ON DELETE CASCADE,
  messages TEXT,
  kept TEXT
) STRICT;
`;

/**
 * `files`: what users have uploaded; `unused` until a message comes with it, `given up` until its bytes are gone. `file_uses`: the conversations
 * with such messages. `attachments`: the facts of the files that came with a turn's message.
 */
export const filesAndAttachments = `
CREATE TABLE files (
  file_id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL,
  name TEXT NOT NULL,
  size INTEGER NOT NULL,
  media_type TEXT NOT NULL,
  created_at TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'unused'
) STRICT, WITHOUT ROWID;
CREATE INDEX files_unused ON files (user_id) WHERE state = 'unused';
CREATE INDEX files_given_up ON files (file_id) WHERE state = 'given up';
CREATE TABLE file_uses (
  conversation_id TEXT NOT NULL,
  file_id TEXT NOT NULL,
  PRIMARY KEY (conversation_id, file_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_uses_of_file ON file_uses (file_id);
ALTER TABLE turns ADD COLUMN attachments TEXT;
CREATE INDEX turns_with_files ON turns (session_id, seq) WHERE attachments IS NOT NULL;
`;

/**
 * `recordings`: the tool calls of an ended turn, with their results, and its questions to persons, with the answers. A replay uses them. Beside
 * `turns`, by `seq`. Times are in ms since 1970. `earlier`: the questions of a turn's earlier waits.
 */
export const recordings = `
CREATE TABLE recordings (
  seq INTEGER PRIMARY KEY REFERENCES turns (seq) ON DELETE CASCADE,
  calls TEXT NOT NULL,
  waits TEXT NOT NULL
) STRICT;
ALTER TABLE tool_calls ADD COLUMN started_at INTEGER;
ALTER TABLE tool_calls ADD COLUMN ended_at INTEGER;
ALTER TABLE waits ADD COLUMN asked_at INTEGER;
ALTER TABLE waits ADD COLUMN answered_at INTEGER;
ALTER TABLE waits ADD COLUMN earlier TEXT NOT NULL DEFAULT '[]';
`;

/** `stop_requested` is 1 for a turn that its runner has to stop. */
export const stopRequests = `
ALTER TABLE turns ADD COLUMN stop_requested INTEGER NOT NULL DEFAULT 0;
CREATE INDEX turns_to_run ON turns (seq) WHERE status IN ('queued', 'running');
`;
