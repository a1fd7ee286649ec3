import { createHash } from "node:crypto";
import type { Database } from "better-sqlite3";

import type { Beginning, Remembered } from "./store.ts";

/**
 * The column `beginning`, small however much is remembered: of a turn's message twice the turn's `seq`, plus one for the answer; other
 * messages as they are; the summary and the prompts by their hashes in `texts`.
 */
export interface BeginningRow {
  memory: (number | { role: "user" | "assistant"; content: string })[];
  summary?: string;
}

/** Writes a turn's beginning down; to be called within a transaction. */
export function keepBeginnings(database: Database): (turnId: string, beginning: Beginning) => void {
  const seqOf = database.prepare<[string], number>("SELECT seq FROM turns WHERE id = ?").pluck();
  const keepText = database.prepare("INSERT OR IGNORE INTO texts (hash, text) VALUES (?, ?)");
  const keep = database.prepare("UPDATE turns SET beginning = ? WHERE id = ?");

  function reference(message: Remembered): BeginningRow["memory"][number] {
    if ("role" in message) return message;
    const { turnId, part, content } = message;
    const seq = seqOf.get(turnId);
    if (seq === undefined) return { role: part === "question" ? "user" : "assistant", content };
    return 2 * seq + (part === "answer" ? 1 : 0);
  }

  return (turnId, { memory, summary }) => {
    const row: BeginningRow = { memory: memory.map(reference) };
    if (summary) {
      row.summary = hashOf(summary);
      keepText.run(row.summary, summary);
    }
    keep.run(JSON.stringify(row), turnId);
  };
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
