import { turnOf } from "../turn-row.ts";
import type { Claim } from "../turns.ts";
import type { Answered, Wait, WaitStore } from "../waits.ts";
import { backgroundPatienceMs, type Database } from "./database.ts";
import { earlierWaits } from "./recordings.ts";
import { sql } from "./statement.ts";
import { idIn } from "./text.ts";
import { beforeWait } from "./tool-calls.ts";
import type { Transaction } from "./transaction.ts";
import { isOpen, type TurnRow, turnColumns } from "./turn-columns.ts";
import { endLease, endTurn, lockOf, wasEnded } from "./turn-endings.ts";

const suspend = sql("UPDATE turns SET status = 'waiting', released = released + 1 WHERE id = $1");
const mayStartAgain = sql("UPDATE tool_calls SET attempt = $2 WHERE turn_id = $1 AND NOT has_ended");
const keep = sql(`
  INSERT INTO waits (turn_id, wait, asked_at, earlier) VALUES ($1, $2, $3, $4)
  ON CONFLICT (turn_id) DO UPDATE SET wait = excluded.wait, asked_at = excluded.asked_at, answered_at = NULL, earlier = excluded.earlier`);
const isKept = sql(
  "SELECT 1 FROM waits JOIN turns ON id = turn_id WHERE turn_id = $1 AND wait = $2 AND status = 'waiting'",
);

const oldest = sql(`
  SELECT ${turnColumns}, (SELECT wait FROM waits WHERE turn_id = id) AS wait FROM turns
  WHERE conversation_id = $1 AND ${isOpen} ORDER BY seq LIMIT 1`);
const count = sql(`SELECT count(*) AS waiting FROM turns WHERE ${isOpen} AND status = 'waiting'`);
const askedAt = sql("SELECT asked_at FROM waits WHERE turn_id = $1");
const waitOf = sql("SELECT wait FROM waits WHERE turn_id = $1");

const suspended = sql(`
  SELECT status, wait FROM turns JOIN waits ON turn_id = id WHERE conversation_id = $1 AND id = $2 AND status IN ('waiting', 'queued')`);
const change = sql("UPDATE waits SET wait = $2, answered_at = $3 WHERE turn_id = $1");
const resume = sql("UPDATE turns SET status = 'queued' WHERE id = $1");
const seqOf = sql(`
  SELECT seq FROM turns WHERE id = $1 AND status IN ('waiting', 'queued') AND id IN (SELECT turn_id FROM waits)`);

export function postgresWaits(database: Database): WaitStore {
  async function begin(transaction: Transaction, { turn, epoch }: Claim, wait: string): Promise<boolean> {
    const { rows } = transaction;
    if ((await rows(endLease, [turn.conversationId, epoch])).length === 0) {
      return transaction.isRepeat && (await rows(isKept, [turn.id, wait])).length > 0;
    }
    const earlier = await earlierWaits(transaction, turn.id);
    void rows(suspend, [turn.id]);
    void rows(mayStartAgain, [turn.id, beforeWait]);
    void rows(keep, [turn.id, wait, Date.now(), earlier]);
    return true;
  }

  async function answer(
    { isRepeat, lock, rows }: Transaction,
    conversationId: string,
    turnId: string,
    answers: ReadonlyMap<string, unknown>,
  ): Promise<Answered> {
    void lock(conversationId);
    const [row] = await rows<{ status: string; wait: string }>(suspended, [conversationId, idIn(turnId)]);
    if (!row) return "unknown";
    const wait: Wait = JSON.parse(row.wait);
    if (isRepeat && wait.questions.every((question) => isAnsweredBy(question, answers))) {
      return row.status === "queued" ? "complete" : "partly";
    }
    if (row.status !== "waiting") return "unknown";
    const open = new Set(wait.questions.flatMap(({ interruptId, answer }) => (answer ? [] : [interruptId])));
    for (const interruptId of answers.keys()) if (!open.delete(interruptId)) return "unknown";
    const questions = wait.questions.map((question) =>
      answers.has(question.interruptId)
        ? { ...question, answer: { value: answers.get(question.interruptId) } }
        : question,
    );
    void rows(change, [turnId, JSON.stringify({ ...wait, questions }), Date.now()]);
    if (open.size > 0) return "partly";
    void rows(resume, [turnId]);
    return "complete";
  }

  return {
    async begin(claim, wait) {
      const kept = JSON.stringify(wait);
      const patience = { patienceMs: backgroundPatienceMs };
      return await database.transaction((transaction) => begin(transaction, claim, kept), patience);
    },
    async waiting(conversationId) {
      const row = await database.first<TurnRow & { wait: string | null }>(oldest, [conversationId]);
      if (!row || row.wait === null || row.status === "running") return undefined;
      return { turn: turnOf(row), wait: JSON.parse(row.wait) };
    },
    async count() {
      return (await database.first<{ waiting: number }>(count))?.waiting ?? 0;
    },
    async askedAt(turnId) {
      return (await database.first<{ asked_at: number | null }>(askedAt, [idIn(turnId)]))?.asked_at ?? undefined;
    },
    async of(turnId) {
      const row = await database.first<{ wait: string }>(waitOf, [idIn(turnId)]);
      return row && JSON.parse(row.wait);
    },
    async answer(conversationId, turnId, answers) {
      return await database.transaction((transaction) => answer(transaction, conversationId, turnId, answers));
    },
    async end(turnId, ending) {
      return await database.transaction(async (transaction) => {
        void transaction.rows(lockOf, [turnId]);
        const [row] = await transaction.rows<{ seq: number }>(seqOf, [turnId]);
        if (!row) return await wasEnded(transaction, turnId, ending.outcome);
        await endTurn(transaction, { id: turnId, seq: row.seq }, ending, { mayHaveWaited: true });
        return true;
      });
    },
  };
}

/** Whether one of these answers, if there is one to this question, is stored. */
function isAnsweredBy({ interruptId, answer }: Wait["questions"][number], answers: ReadonlyMap<string, unknown>) {
  if (!answers.has(interruptId)) return true;
  return answer !== undefined && JSON.stringify(answer.value) === JSON.stringify(answers.get(interruptId));
}
