import { existsSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import Database from "better-sqlite3";

import type { MemoryRow } from "../memory-row.ts";
import { type OverviewRow, overviewOf } from "../overview.ts";
import type { RecordedMessage, Records } from "../records.ts";
import { optionalTurn, type TurnRow, turnOf } from "../turn-row.ts";
import type { Turn } from "../turns.ts";
import { sqliteBefore } from "./before.ts";
import { sqliteReasoning } from "./reasoning.ts";
import { sqliteRecording } from "./recordings.ts";
import { newestVersion } from "./schema.ts";
import { isOpen } from "./turns.ts";

/** Opens the database read-only, which is safe while a server is using it. */
export function openSqliteRecords(path: string): Records & { close(): Promise<void> } {
  const database = opened(path);
  const close = async () => void database.close();
  return { ...sqliteRecords(database), close };
}

/** Throws an Error whose message says what to do if the file is missing or has another schema version. */
function opened(path: string): Database.Database {
  if (!existsSync(path)) throw new Error(`There is no database ${path}. Has the server run in this folder?`);
  const database = new Database(path, { readonly: true });
  if (Number(database.pragma("user_version", { simple: true })) === newestVersion) return database;
  database.close();
  throw new Error(`${path} was written by another version. Start this version of the server once to upgrade it.`);
}

/** The table has no index by user. */
const maxTurnsSearched = 5_000;

/** Turns that are searched in one go: each may have an answer of 1 MiB. */
const searchedAtOnce = 100;

export function sqliteRecords(database: Database.Database): Records {
  const byId = database.prepare<[string], TurnRow>("SELECT * FROM turns WHERE id = ?");
  const bySeq = database.prepare<[number], TurnRow>("SELECT * FROM turns WHERE seq = ?");
  const latest = database.prepare<[string | null, string | null, number], TurnRow>(
    "SELECT * FROM turns WHERE status = 'completed' AND (? IS NULL OR outcome ->> 'conversationType' = ?) ORDER BY seq DESC LIMIT ?",
  );
  const uses = database.prepare<[number, number, string, string, number], TurnRow>(`
    SELECT * FROM turns WHERE seq > ? AND seq <= ? AND user_id = ? AND status = 'completed' AND outcome -> 'metadata' -> 'prompts' ->> ? IS NOT NULL
    ORDER BY seq DESC LIMIT ?`);
  const newest = database.prepare<[], number>("SELECT coalesce(max(seq), 0) FROM turns").pluck();
  const memoryRow = database.prepare<[string], string | null>("SELECT beginning FROM turns WHERE id = ?").pluck();
  const steps = database.prepare<[string], { name: string; result: string }>(
    "SELECT name, result FROM steps WHERE turn_id = ? ORDER BY kept_at, name",
  );
  const recording = sqliteRecording(database);
  const producedBy = database.prepare<[number], string | null>("SELECT messages FROM produced WHERE seq = ?").pluck();
  const before = sqliteBefore(database, (turnId) => memoryRow.get(turnId) ?? undefined);
  const text = database.prepare<[string], string>("SELECT text FROM texts WHERE hash = ?").pluck();
  const rating = database.prepare<[string], RatingRow>(
    "SELECT score, comment, expected FROM feedback WHERE turn_id = ?",
  );
  const overview = database.prepare<[string, number], OverviewRow>(`
    SELECT conversations.id, first.request, newest.accepted_at, sessions.created_at AS session_at,
      EXISTS (SELECT 1 FROM turns WHERE turns.conversation_id = conversations.id AND ${isOpen}) AS running,
      EXISTS (SELECT 1 FROM turns WHERE turns.conversation_id = conversations.id AND ${isOpen} AND status = 'waiting') AS waiting,
      (SELECT count(*) FROM turns WHERE turns.session_id = conversations.session_id AND NOT superseded) AS turns
    FROM conversations
    JOIN sessions ON sessions.id = conversations.session_id
    LEFT JOIN turns AS first ON first.seq = (SELECT min(seq) FROM turns WHERE turns.session_id = conversations.session_id AND NOT superseded)
    LEFT JOIN turns AS newest ON newest.seq = (SELECT max(seq) FROM turns WHERE turns.session_id = conversations.session_id)
    WHERE owner = ? ORDER BY coalesce(newest.accepted_at, sessions.created_at) DESC LIMIT ?`);

  return {
    async turn(turnId) {
      return optionalTurn(byId.get(turnId));
    },
    reasoning: sqliteReasoning(database),
    async latest(count, type) {
      const wanted = type ?? null;
      return latest.all(wanted, wanted, count).reverse().map(turnOf);
    },
    async usesOf(userId, prompt, count) {
      const last = newest.get() ?? 0;
      const end = Math.max(0, last - maxTurnsSearched);
      const found: Turn[] = [];
      for (let to = last; to > end && found.length < count; to -= searchedAtOnce) {
        found.push(...uses.all(to - searchedAtOnce, to, userId, prompt, count - found.length).map(turnOf));
        await setImmediate();
      }
      return found;
    },
    async memory(turnId) {
      const found = memoryRow.get(turnId);
      if (!found) return undefined;
      const row: MemoryRow = JSON.parse(found);
      const summary = row.summary === undefined ? "" : text.get(row.summary);
      const messages: RecordedMessage[] = [];
      let turn: Turn | undefined;
      for (const reference of row.memory) {
        if (typeof reference === "number") {
          const seq = Math.floor(reference / 2);
          if (turn?.seq !== seq) turn = optionalTurn(bySeq.get(seq));
          const isAnswer = reference % 2 === 1;
          const produced = isAnswer ? (producedBy.get(seq) ?? undefined) : undefined;
          if (turn) messages.push({ turn, part: isAnswer ? "answer" : "question", ...(produced && { produced }) });
        } else messages.push(reference);
        await setImmediate(); // each may be a text of 1 MiB
      }
      return summary === undefined ? undefined : { messages, summary };
    },
    async recording(turnId) {
      return { ...recording(turnId), steps: steps.all(turnId).map(stepOf) };
    },
    before,
    async texts(hashes) {
      return new Map(
        hashes.flatMap((hash) => {
          const found = text.get(hash);
          return found === undefined ? [] : [[hash, found] as const];
        }),
      );
    },
    async rating(turnId) {
      const row = rating.get(turnId);
      return row && { score: row.score, comment: row.comment ?? undefined, expected: row.expected ?? undefined };
    },
    async conversations(userId, limit) {
      return overview.all(userId, limit).map(overviewOf);
    },
  };
}

function stepOf({ name, result }: { name: string; result: string }) {
  return { name, result: JSON.parse(result) };
}

interface RatingRow {
  score: number;
  comment: string | null;
  expected: string | null;
}
