import { rememberedIn } from "../memory-row.ts";
import type { Before } from "../records.ts";
import type { Turn } from "../turns.ts";
import { maxTurnsWithFiles } from "../turns-files.ts";
import type { Database } from "./database.ts";
import { type AttachmentsRow, filesOf } from "./history.ts";
import { sql } from "./statement.ts";

const beginning = sql("SELECT beginning FROM turns WHERE id = $1");

/** Turns that were in a turn's history then: those that were replaced later count if the turn remembered them. */
const inHistory = "session_id = $1 AND seq <= $2 AND (NOT superseded OR seq = ANY ($3))";

const lastKept = sql(`
  SELECT kept FROM turns JOIN produced USING (seq) WHERE ${inHistory} AND conversation_type = $4 ORDER BY seq DESC LIMIT 1`);

const files = sql(`
  SELECT attachments FROM turns WHERE ${inHistory} AND attachments IS NOT NULL ORDER BY seq DESC LIMIT ${maxTurnsWithFiles}`);

export function postgresBefore(database: Database): (turn: Turn) => Before {
  async function remembered(turnId: string): Promise<number[]> {
    return rememberedIn((await database.first<{ beginning: string | null }>(beginning, [turnId]))?.beginning);
  }
  return ({ id, sessionId, seq }) => ({
    async lastKept(conversationType) {
      const values = [sessionId, seq - 1, await remembered(id), conversationType];
      return (await database.first<{ kept: string | null }>(lastKept, values))?.kept ?? undefined;
    },
    async files() {
      return filesOf(await database.rows<AttachmentsRow>(files, [sessionId, seq, [...(await remembered(id)), seq]]));
    },
  });
}
