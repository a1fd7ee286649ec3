import type { Database } from "better-sqlite3";

import type { HistoryStore } from "../history.ts";

export function sqliteReasoning(database: Database): HistoryStore["reasoning"] {
  const text = database
    .prepare<[string], string>("SELECT text FROM reasoning WHERE seq = (SELECT seq FROM turns WHERE id = ?)")
    .pluck();
  return async (turnId) => text.get(turnId);
}
