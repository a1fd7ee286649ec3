import { createHash } from "node:crypto";
import type { Database } from "better-sqlite3";

import type { MemoryRow } from "../memory-row.ts";
import type { MemoryRefs } from "../turns.ts";

/** Stores the summary and returns the column's value. Has to run inside a transaction. */
export function memoryRefs(database: Database): (memory: MemoryRefs) => string {
  const keepText = database.prepare("INSERT OR IGNORE INTO texts (hash, text) VALUES (?, ?)");
  return ({ turns, summary }) => {
    const row: MemoryRow = { memory: turns.flatMap((seq) => [2 * seq, 2 * seq + 1]) };
    if (summary) {
      row.summary = createHash("sha256").update(summary).digest("hex");
      keepText.run(row.summary, summary);
    }
    return JSON.stringify(row);
  };
}
