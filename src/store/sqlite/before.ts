import type { Database } from "better-sqlite3";

import { rememberedIn } from "../memory-row.ts";
import type { Before } from "../records.ts";
import type { Turn } from "../turns.ts";
import { filesIn, maxTurnsWithFiles } from "../turns-files.ts";

/** Turns that were in a turn's history then: those that were replaced later count if the turn remembered them. */
const inHistory = "session_id = ? AND seq <= ? AND (superseded = 0 OR seq IN (SELECT value FROM json_each(?)))";

/** `beginning` reads that column of a turn. */
export function sqliteBefore(
  database: Database,
  beginning: (turnId: string) => string | undefined,
): (turn: Turn) => Before {
  const kept = database
    .prepare<[string, number, string, string], string | null>(`
      SELECT kept FROM turns JOIN produced USING (seq)
      WHERE ${inHistory} AND outcome ->> 'conversationType' = ? ORDER BY seq DESC LIMIT 1`)
    .pluck();
  const files = database
    .prepare<[string, number, string], string>(`
      SELECT attachments FROM turns WHERE ${inHistory} AND attachments IS NOT NULL ORDER BY seq DESC LIMIT ${maxTurnsWithFiles}`)
    .pluck();
  return ({ id, sessionId, seq }) => {
    const remembered = rememberedIn(beginning(id));
    return {
      async lastKept(conversationType) {
        return kept.get(sessionId, seq - 1, JSON.stringify(remembered), conversationType) ?? undefined;
      },
      async files() {
        return filesIn(files.all(sessionId, seq, JSON.stringify([...remembered, seq])));
      },
    };
  };
}
