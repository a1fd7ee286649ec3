import type { Database } from "better-sqlite3";

const tables = ["waits", "graph_checkpoints", "graph_writes", "tool_calls"];

/** Deletes what only an unfinished turn needs. */
export function flightDropper(database: Database): (turnId: string) => void {
  const drops = tables.map((table) => database.prepare(`DELETE FROM ${table} WHERE turn_id = ?`));
  return (turnId) => {
    for (const drop of drops) drop.run(turnId);
  };
}
