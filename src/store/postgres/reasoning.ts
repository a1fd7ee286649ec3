import type { HistoryStore } from "../history.ts";
import type { Database } from "./database.ts";
import { sql } from "./statement.ts";
import { textOf } from "./text.ts";

const reasoning = sql("SELECT text FROM reasoning WHERE seq = (SELECT seq FROM turns WHERE id = $1)");

export function postgresReasoning(database: Database): HistoryStore["reasoning"] {
  return async (turnId) => {
    const row = await database.first<{ text: string }>(reasoning, [turnId]);
    return row && textOf(row.text);
  };
}
