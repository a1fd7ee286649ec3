import { createHash } from "node:crypto";

import type { MemoryRow } from "../memory-row.ts";
import type { MemoryRefs } from "../turns.ts";
import { sql } from "./statement.ts";
import { asText } from "./text.ts";
import type { Transaction } from "./transaction.ts";

const keepText = sql("INSERT INTO texts (hash, text) VALUES ($1, $2) ON CONFLICT DO NOTHING");

/** Stores the summary and returns the column's value. */
export function memoryRefs({ rows }: Transaction, { turns, summary }: MemoryRefs): string {
  const row: MemoryRow = { memory: turns.flatMap((seq) => [2 * seq, 2 * seq + 1]) };
  if (summary) {
    row.summary = createHash("sha256").update(summary).digest("hex");
    void rows(keepText, [row.summary, asText(summary)]);
  }
  return JSON.stringify(row);
}
