import { createHash } from "node:crypto";
import type { Database } from "better-sqlite3";

import type { Beginning } from "../turns.ts";

/**
 * The column `beginning`, small however much is remembered: of a remembered question twice its turn's `seq`, of an answer one more; the
 * summary by its hash in `texts`. Databases of earlier versions may have whole messages among the numbers.
 */
export interface BeginningRow {
  memory: (number | { role: "user" | "assistant"; content: string })[];
  summary?: string;
}

/** Makes the column's text, and keeps the summary; to be called within a transaction. */
export function beginnings(database: Database): (beginning: Beginning) => string {
  const keepText = database.prepare("INSERT OR IGNORE INTO texts (hash, text) VALUES (?, ?)");
  return ({ turns, summary }) => {
    const row: BeginningRow = { memory: turns.flatMap((seq) => [2 * seq, 2 * seq + 1]) };
    if (summary) {
      row.summary = createHash("sha256").update(summary).digest("hex");
      keepText.run(row.summary, summary);
    }
    return JSON.stringify(row);
  };
}
