import { setImmediate } from "node:timers/promises";

import type { MemoryRow } from "../memory-row.ts";
import { type OverviewRow, overviewOf } from "../overview.ts";
import type { RecordedMessage, Records } from "../records.ts";
import { optionalTurn, turnOf } from "../turn-row.ts";
import type { Turn } from "../turns.ts";
import { postgresBefore } from "./before.ts";
import type { Database } from "./database.ts";
import { postgresReasoning } from "./reasoning.ts";
import { recordingOf } from "./recordings.ts";
import { sql } from "./statement.ts";
import { idIn, textOf } from "./text.ts";
import { isOpen, type TurnRow, turnColumns } from "./turn-columns.ts";

/** The table has no index by user. */
const maxTurnsSearched = 5_000;

/** Turns that are searched in one go: each may have an answer of 1 MiB. */
const searchedAtOnce = 100;

const byId = sql(`SELECT ${turnColumns} FROM turns WHERE id = $1`);
const latest = sql(`
  SELECT ${turnColumns} FROM turns WHERE status = 'completed' AND ($1::text IS NULL OR conversation_type = $1) ORDER BY seq DESC LIMIT $2`);
const newest = sql("SELECT coalesce(max(seq), 0) AS seq FROM turns");

/** `$4` is the prompt's name as JSON. Other turns that contain it are found as well. */
const uses = sql(`
  SELECT ${turnColumns} FROM turns WHERE seq > $1 AND seq <= $2 AND user_id = $3 AND status = 'completed' AND strpos(outcome, $4) > 0
  ORDER BY seq DESC`);

const beginning = sql("SELECT beginning FROM turns WHERE id = $1");
const remembered = sql(
  `SELECT ${turnColumns}, messages FROM turns LEFT JOIN produced USING (seq) WHERE seq = ANY ($1)`,
);
const steps = sql("SELECT name, result FROM steps WHERE turn_id = $1 ORDER BY kept_at, name");
const texts = sql("SELECT hash, text FROM texts WHERE hash = ANY ($1)");
const rating = sql("SELECT score, comment, expected FROM feedback WHERE turn_id = $1");

const overview = sql(`
  SELECT listed.*, first.request,
    EXISTS (SELECT 1 FROM turns WHERE conversation_id = listed.id AND ${isOpen}) AS running,
    EXISTS (SELECT 1 FROM turns WHERE conversation_id = listed.id AND ${isOpen} AND status = 'waiting') AS waiting,
    (SELECT count(*) FROM turns WHERE turns.session_id = listed.session_id AND NOT superseded) AS turns
  FROM (
    SELECT conversations.id, session_id, accepted_at, sessions.created_at AS session_at
    FROM conversations JOIN sessions ON sessions.id = session_id
    LEFT JOIN LATERAL (
      SELECT accepted_at FROM turns WHERE turns.session_id = conversations.session_id ORDER BY seq DESC LIMIT 1
    ) AS newest ON true
    WHERE owner = $1 ORDER BY coalesce(accepted_at, sessions.created_at) COLLATE "C" DESC LIMIT $2
  ) AS listed
  LEFT JOIN LATERAL (
    SELECT request FROM turns WHERE turns.session_id = listed.session_id AND NOT superseded ORDER BY seq LIMIT 1
  ) AS first ON true
  ORDER BY coalesce(accepted_at, session_at) COLLATE "C" DESC`);

export function postgresRecords(database: Database): Records {
  async function textsBy(hashes: readonly string[]): Promise<Map<string, string>> {
    const rows = await database.rows<{ hash: string; text: string }>(texts, [hashes]);
    return new Map(rows.map(({ hash, text }) => [hash, textOf(text)]));
  }

  return {
    async turn(turnId) {
      return optionalTurn(await database.first<TurnRow>(byId, [idIn(turnId)]));
    },
    reasoning: postgresReasoning(database),
    async latest(count, type) {
      return (await database.rows<TurnRow>(latest, [type ?? null, count])).reverse().map(turnOf);
    },
    async usesOf(userId, prompt, count) {
      const last = (await database.first<{ seq: number }>(newest))?.seq ?? 0;
      const end = Math.max(0, last - maxTurnsSearched);
      const found: Turn[] = [];
      for (let to = last; to > end && found.length < count; to -= searchedAtOnce) {
        const values = [to - searchedAtOnce, to, userId, JSON.stringify(prompt)];
        const turns = (await database.rows<TurnRow>(uses, values)).map(turnOf);
        found.push(...turns.filter((turn) => hasUsed(turn, prompt)));
      }
      return found.slice(0, count);
    },
    async memory(turnId) {
      const found = await database.first<{ beginning: string | null }>(beginning, [turnId]);
      if (!found?.beginning) return undefined;
      const row: MemoryRow = JSON.parse(found.beginning);
      const [messages, summaries] = await Promise.all([
        messagesOf(database, row.memory),
        row.summary === undefined ? undefined : textsBy([row.summary]),
      ]);
      const summary = row.summary === undefined ? "" : summaries?.get(row.summary);
      return summary === undefined ? undefined : { messages, summary };
    },
    async recording(turnId) {
      return await database.transaction(async (transaction) => {
        const [done, kept] = await Promise.all([
          recordingOf(transaction, turnId),
          transaction.rows<{ name: string; result: string }>(steps, [turnId]),
        ]);
        return { ...done, steps: kept.map(({ name, result }) => ({ name, result: JSON.parse(result) })) };
      });
    },
    before: postgresBefore(database),
    async texts(hashes) {
      const all = await textsBy(hashes);
      return new Map(hashes.flatMap((hash) => (all.has(hash) ? [[hash, all.get(hash) ?? ""] as const] : [])));
    },
    async rating(turnId) {
      const row = await database.first<RatingRow>(rating, [turnId]);
      if (!row) return undefined;
      const comment = row.comment === null ? undefined : textOf(row.comment);
      return { score: row.score, comment, expected: row.expected ?? undefined };
    },
    async conversations(userId, limit) {
      return (await database.rows<OverviewRow>(overview, [userId, limit])).map(overviewOf);
    },
  };
}

interface RatingRow {
  score: number;
  comment: string | null;
  expected: string | null;
}

function hasUsed({ outcome }: Turn, prompt: string): boolean {
  const { prompts } = outcome?.metadata ?? {};
  return Object.entries(prompts ?? {}).some(([name, hash]) => name === prompt && hash !== null);
}

async function messagesOf(database: Database, memory: MemoryRow["memory"]): Promise<RecordedMessage[]> {
  const seqs = new Set(memory.flatMap((reference) => (typeof reference === "number" ? Math.floor(reference / 2) : [])));
  const rows = await database.rows<TurnRow & { messages: string | null }>(remembered, [[...seqs]]);
  const bySeq = new Map(rows.map((row) => [row.seq, row]));
  const messages: RecordedMessage[] = [];
  let turn: Turn | undefined;
  for (const reference of memory) {
    if (typeof reference === "number") {
      const row = bySeq.get(Math.floor(reference / 2));
      if (turn?.seq !== row?.seq) turn = optionalTurn(row);
      const produced = reference % 2 === 1 ? row?.messages : undefined;
      const part = reference % 2 === 1 ? "answer" : "question";
      if (turn) messages.push({ turn, part, ...(produced && { produced }) });
    } else messages.push(reference);
    await setImmediate(); // each may be a text of 1 MiB
  }
  return messages;
}
