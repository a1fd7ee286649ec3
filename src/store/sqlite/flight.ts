import type { Database } from "better-sqlite3";

/** Of the graphs of unfinished turns. */
export const graphTables = ["graph_checkpoints", "graph_writes"];

const allTables = ["waits", "tool_calls", ...graphTables];

/** Deletes what only an unfinished turn needs. */
export function flightDropper(database: Database, tables: readonly string[] = allTables): (turnId: string) => void {
  const drops = tables.map((table) => database.prepare(`DELETE FROM ${table} WHERE turn_id = ?`));
  return (turnId) => {
    for (const drop of drops) drop.run(turnId);
  };
}
