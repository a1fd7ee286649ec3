import type { Claim, Ending, Outcome, Turn, TurnStore } from "../turns.ts";
import { backgroundPatienceMs, type Database } from "./database.ts";
import { held, isHeld } from "./held.ts";
import { memoryRefs } from "./memory-refs.ts";
import { record } from "./recordings.ts";
import { sql } from "./statement.ts";
import { idIn } from "./text.ts";
import type { Transaction } from "./transaction.ts";

type Part = Pick<TurnStore, "finish" | "endQueued" | "steps" | "keepStep">;

const end = sql(`
  UPDATE turns SET status = $2, outcome = $3, conversation_type = $4, delivery = $5, beginning = $6, ended_epoch = $7, ended = nextval('turns_ended')
  WHERE id = $1`);
const keepReasoning = sql("INSERT INTO reasoning (seq, text) VALUES ($1, $2)");
const keepProduced = sql("INSERT INTO produced (seq, messages, kept) VALUES ($1, $2, $3)");

/** Ends the lease, and keeps the conversation locked. */
export const endLease = sql(`UPDATE conversations SET lease_until = NULL WHERE ${isHeld} RETURNING id`);

/** Has a row if the turn has ended this way before. */
const isEnded = sql("SELECT 1 FROM turns WHERE id = $1 AND outcome = $2");
const isEndedBy = sql("SELECT 1 FROM turns WHERE id = $1 AND outcome = $2 AND ended_epoch = $3");

/** Locks the conversation of a turn. */
export const lockOf = sql(`
  SELECT 1 FROM conversations WHERE id = (SELECT conversation_id FROM turns WHERE id = $1) FOR NO KEY UPDATE`);

const endQueued = sql(`
  UPDATE turns SET status = $2, outcome = $3, conversation_type = $4, delivery = $5, beside = $6, ended = nextval('turns_ended')
  WHERE id = $1 AND status = 'queued' RETURNING id`);

const steps = sql("SELECT name, result FROM steps WHERE turn_id = $1");
/** In seconds, later than the steps before: clocks may be coarse, or set back. */
const keptAt =
  "greatest(extract(epoch FROM clock_timestamp()), (SELECT max(kept_at) FROM steps WHERE turn_id = $3) + 0.000001)";
const keepStep = sql(`
  WITH ${held}
  INSERT INTO steps (turn_id, name, result, kept_at) SELECT $3, $4, $5, ${keptAt} FROM held
  ON CONFLICT (turn_id, name) DO UPDATE SET result = excluded.result, kept_at = excluded.kept_at`);

/**
 * Ends a turn that has run, and deletes what only an unfinished one needs. The conversation has to be locked. `epoch` is that of the turn's claim.
 * `mayHaveWaited`: the turn may have waited for a person.
 */
export async function endTurn(
  transaction: Transaction,
  { id, seq }: Pick<Turn, "id" | "seq">,
  { outcome, reasoning, memory, produced, isSent }: Ending,
  { epoch, mayHaveWaited }: { epoch?: number; mayHaveWaited: boolean },
): Promise<void> {
  const { rows } = transaction;
  const recorded = record(transaction, { id, seq }, mayHaveWaited);
  if (mayHaveWaited) await recorded;
  else recorded.catch(() => {}); // fails with the transaction
  const beginning = memory ? memoryRefs(transaction, memory) : null;
  void rows(end, [id, ...columnsOf(outcome), isSent ? 1 : 0, beginning, epoch ?? null]);
  if (reasoning) void rows(keepReasoning, [seq, JSON.stringify(reasoning)]);
  if (produced) void rows(keepProduced, [seq, produced.messages ?? null, produced.kept ?? null]);
}

/** Whether an earlier attempt has ended the turn this way. */
export async function wasEnded({ isRepeat, rows }: Transaction, turnId: string, outcome: Outcome): Promise<boolean> {
  return isRepeat && (await rows(isEnded, [turnId, JSON.stringify(outcome)])).length > 0;
}

/** The writes that end turns, and the steps before. With a claim that is void, they write nothing. */
export function turnEndings(database: Database): Part {
  async function finish(transaction: Transaction, { turn, epoch }: Claim, ending: Ending): Promise<boolean> {
    const { rows } = transaction;
    const before = [turn.id, JSON.stringify(ending.outcome), epoch];
    if ((await rows(endLease, [turn.conversationId, epoch])).length === 0) {
      return (await rows(isEndedBy, before)).length > 0; // the answer to an earlier call may have been lost
    }
    await endTurn(transaction, turn, ending, { epoch, mayHaveWaited: turn.attempt > 1 });
    return true;
  }

  return {
    async finish(claim, ending) {
      const patience = { patienceMs: backgroundPatienceMs };
      return await database.transaction((transaction) => finish(transaction, claim, ending), patience);
    },
    async endQueued(turnId, { outcome, isSent }, offset) {
      return await database.transaction(async (transaction) => {
        const { rows, last } = transaction;
        await rows(lockOf, [idIn(turnId)]);
        if (await wasEnded(transaction, turnId, outcome)) return true;
        const values = [idIn(turnId), ...columnsOf(outcome), isSent ? 1 : 0, offset()];
        return (await last(endQueued, values)).length > 0;
      });
    },
    async steps(turnId) {
      const found = await database.rows<{ name: string; result: string }>(steps, [idIn(turnId)]);
      return new Map(found.map(({ name, result }) => [name, result]));
    },
    async keepStep({ turn, epoch }, name, result) {
      const values = [turn.conversationId, epoch, turn.id, name, result];
      await database.rows(keepStep, values, { patienceMs: backgroundPatienceMs });
    },
  };
}

/** `status`, `outcome` and `conversation_type`. */
function columnsOf(outcome: Outcome): unknown[] {
  return [outcome.status, JSON.stringify(outcome), outcome.conversationType];
}
