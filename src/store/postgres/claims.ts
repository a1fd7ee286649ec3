import { v7 } from "uuid";
import type { End } from "../deliveries.ts";
import { turnOf } from "../turn-row.ts";
import type { Claim, TurnStore } from "../turns.ts";
import { lastEndOf, leaseEnd } from "./accept.ts";
import { backgroundPatienceMs, type Database } from "./database.ts";
import { isHeld } from "./held.ts";
import { type Statement, sql } from "./statement.ts";
import { idIn } from "./text.ts";
import { isOpen, type TurnRow, turnColumns } from "./turn-columns.ts";

type Part = Pick<TurnStore, "claim" | "renew" | "release" | "unclaimed" | "requestStop">;

const isFree = "(lease_until IS NULL OR lease_until <= clock_timestamp())";

const claim = sql(`
  WITH next AS (SELECT seq, status FROM turns WHERE conversation_id = $1 AND ${isOpen} ORDER BY seq LIMIT 1),
  lease AS (
    UPDATE conversations SET epoch = epoch + 1, lease_until = ${leaseEnd}, claim_id = $2
    WHERE id = $1 AND ${isFree} AND EXISTS (SELECT 1 FROM next WHERE status <> 'waiting')
    RETURNING epoch
  )
  UPDATE turns SET status = 'running', attempt = attempt + 1 FROM lease WHERE seq = (SELECT seq FROM next)
  RETURNING ${turnColumns}, lease.epoch, ${lastEndOf("turns.session_id")} AS last_end`);

type Claimed = TurnRow & { epoch: number; last_end?: End | null };

/** What an earlier attempt has claimed. */
const claimed = sql(`
  SELECT ${turnColumns}, (SELECT epoch FROM conversations WHERE id = $1) AS epoch FROM turns
  WHERE conversation_id = $1 AND status = 'running'
    AND EXISTS (SELECT 1 FROM conversations WHERE id = $1 AND claim_id = $2 AND lease_until IS NOT NULL)`);

/** Conversations are locked in order, so that two processes do not wait for each other. */
const renewing = (wait: "" | "SKIP LOCKED") =>
  sql(`
  WITH claims AS (
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[]) WITH ORDINALITY AS claims (id, epoch, turn_id, place)
  ),
  valid AS (
    SELECT id FROM conversations JOIN claims USING (id, epoch) WHERE lease_until IS NOT NULL
    ORDER BY id FOR NO KEY UPDATE OF conversations ${wait}
  ),
  renewed AS (
    UPDATE conversations SET lease_until = ${leaseEnd} FROM valid WHERE conversations.id = valid.id
    RETURNING conversations.id, epoch
  )
  SELECT place - 1 AS place, EXISTS (SELECT 1 FROM turns WHERE turns.id = turn_id AND stop_requested) AS is_stopped
  FROM renewed JOIN claims USING (id, epoch)`);
const renewFree = renewing("SKIP LOCKED");
const renew = renewing("");

const release = sql(`
  WITH freed AS (UPDATE conversations SET lease_until = NULL WHERE ${isHeld} RETURNING id)
  UPDATE turns SET status = 'queued', released = released + 1 FROM freed WHERE turns.id = $3 AND status = 'running'`);

const requestStop = sql("UPDATE turns SET stop_requested = true WHERE id = $1 AND status = 'running' RETURNING seq");

const unclaimed = sql(`
  SELECT conversation_id, user_id, seq FROM (
    SELECT DISTINCT ON (conversation_id) conversation_id, user_id, seq, attempt, stored_at FROM turns
    WHERE status IN ('queued', 'running') ORDER BY conversation_id, seq
  ) AS first
  WHERE EXISTS (SELECT 1 FROM conversations WHERE id = conversation_id AND ${isFree})
    AND (attempt > 0 OR stored_at <= ${leaseEnd.replace("+", "-")})
    AND NOT EXISTS (
      SELECT 1 FROM turns WHERE turns.conversation_id = first.conversation_id AND ${isOpen} AND turns.seq < first.seq
    )
  ORDER BY seq LIMIT $1`);

/** `leases` renews, on a connection that no other statement keeps waiting. */
export function claims(database: Database, leases: Database): Part {
  /** The claims that are extended, and whether their turns are to be stopped. */
  async function extended(by: Database, statement: Statement, claims: readonly Claim[]): Promise<[Claim, boolean][]> {
    const ids = claims.map(({ turn }) => turn.conversationId);
    const values = [ids, claims.map(({ epoch }) => epoch), claims.map(({ turn }) => turn.id)];
    const rows = await by.rows<{ place: number; is_stopped: boolean }>(statement, values);
    return rows.flatMap(({ place, is_stopped }) => {
      const claim = claims[place];
      return claim ? [[claim, is_stopped]] : [];
    });
  }

  return {
    async claim(conversationId) {
      const claimId = v7();
      const found = await database.transaction(
        async ({ isRepeat, lock, rows, last }) => {
          void lock(conversationId);
          const before = isRepeat ? await rows<Claimed>(claimed, [conversationId, claimId]) : [];
          return before.length > 0 ? before : await last<Claimed>(claim, [conversationId, claimId]);
        },
        { patienceMs: backgroundPatienceMs },
      );
      const [row] = found;
      return row && { turn: turnOf(row), epoch: row.epoch, lastEnd: row.last_end ?? undefined };
    },
    async renew(claims) {
      const answers = new Map(await extended(leases, renewFree, claims));
      // The others are void, or somebody writes to their conversations: one that takes long must not keep the rest waiting.
      const others = claims.filter((claim) => !answers.has(claim));
      const late = await Promise.all(others.map((claim) => extended(database, renew, [claim])));
      for (const [claim, isStopped] of late.flat()) answers.set(claim, isStopped);
      return {
        void: claims.filter((claim) => !answers.has(claim)),
        stopped: claims.filter((claim) => answers.get(claim)),
      };
    },
    async release({ turn, epoch }) {
      await database.rows(release, [turn.conversationId, epoch, turn.id]);
    },
    async requestStop(turnId) {
      return (await database.rows(requestStop, [idIn(turnId)])).length > 0;
    },
    async unclaimed(limit) {
      const rows = await database.rows<{ conversation_id: string; user_id: string; seq: number }>(unclaimed, [limit]);
      return rows.map(({ conversation_id, user_id, seq }) => ({
        conversationId: conversation_id,
        userId: user_id,
        seq,
      }));
    },
  };
}
