import type { Database } from "better-sqlite3";

/** A message as LangGraph's checkpointer stored it. */
interface StoredMessage {
  kwargs?: { id?: string };
}

/** The state in a thread's checkpoint. */
interface ThreadState {
  messages?: StoredMessage[];
  summary?: string;
  answer?: string;
  route?: string;
  metadata?: Record<string, unknown>;
}

const routedTo: Record<string, string> = {
  simple: "simple_conversation",
  complex: "complex_conversation",
  analysis: "analysis_conversation",
  generation: "generation_conversation",
  problem_solving: "problem_solver",
  multi_step: "multi_step_conversation",
};

/**
 * Versions before schema 4 kept a LangGraph thread for each session. Moves what only the thread has to the rows (the summary, and the outcome
 * of turns that were answered but not yet marked as ended), then drops the threads.
 */
export function migrateThreads(database: Database): void {
  endDecided(database);
  const hasThreads = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'checkpoints'").get();
  if (hasThreads) {
    const newest = database.prepare<[], { thread_id: string; checkpoint: Buffer | string }>(`
      SELECT thread_id, checkpoint FROM checkpoints
      WHERE rowid IN (SELECT max(rowid) FROM checkpoints WHERE checkpoint_ns = '' GROUP BY thread_id)`);
    for (const { thread_id, checkpoint } of newest.all()) {
      const state: ThreadState = JSON.parse(String(checkpoint)).channel_values ?? {};
      endAnswered(database, thread_id, state);
      keepSummary(database, thread_id, state);
    }
    database.exec("DROP TABLE checkpoints; DROP TABLE IF EXISTS writes;");
  }
  database.exec("UPDATE turns SET superseded = 1 WHERE superseded > 1");
}

function end(database: Database, turnId: string, outcome: { status: string }): void {
  database
    .prepare(
      `UPDATE turns SET status = ?, outcome = ?, ended = (SELECT coalesce(max(ended), 0) + 1 FROM turns WHERE ended IS NOT NULL)
       WHERE id = ? AND status IN ('queued', 'running')`,
    )
    .run(outcome.status, JSON.stringify(outcome), turnId);
}

/** Older versions stored a turn's outcome as a step of this name before closing its thread. */
function endDecided(database: Database): void {
  const decided = database.prepare<[], { turn_id: string; result: string }>(
    "SELECT turn_id, result FROM steps WHERE name = 'turn ended'",
  );
  for (const { turn_id, result } of decided.all()) end(database, turn_id, JSON.parse(result));
  database.exec("DELETE FROM steps WHERE name = 'turn ended'");
}

/** Ends running turns whose answer is already in the thread. */
function endAnswered(database: Database, sessionId: string, { messages = [], ...state }: ThreadState): void {
  const { answer = "", route = "", metadata = {} } = state;
  const open = database.prepare<[string], { id: string; replaces: string | null }>(
    "SELECT id, replaces FROM turns WHERE session_id = ? AND status = 'running'",
  );
  for (const { id, replaces } of open.all(sessionId)) {
    if (!messages.some(({ kwargs }) => kwargs?.id === `${id}:answer`)) continue;
    end(database, id, {
      status: "completed",
      response: answer,
      conversationType: route,
      routedTo: routedTo[route] ?? null,
      metadata: { ...metadata, ...(replaces && { replaces }) },
      timestamp: new Date().toISOString(),
    } as { status: string });
  }
}

/** The summary covers the turns before the thread's first message. It is dropped if one of them has left the history. */
function keepSummary(database: Database, sessionId: string, { messages = [], summary = "" }: ThreadState): void {
  if (!summary) return;
  const ids = JSON.stringify(messages.flatMap(({ kwargs }) => kwargs?.id ?? []));
  database
    .prepare(
      `UPDATE sessions SET summary = $summary, summary_up_to = coalesce(
         (SELECT min(seq) - 1 FROM turns WHERE id IN (SELECT value FROM json_each($ids))),
         (SELECT max(seq) FROM turns WHERE session_id = $session AND outcome IS NOT NULL), 0)
       WHERE id = $session`,
    )
    .run({ summary, ids, session: sessionId });
  database
    .prepare(
      `UPDATE sessions SET summary = '', summary_up_to = 0 WHERE id = $session AND EXISTS
         (SELECT 1 FROM turns WHERE session_id = $session AND superseded = 1 AND seq <= summary_up_to)`,
    )
    .run({ session: sessionId });
}
