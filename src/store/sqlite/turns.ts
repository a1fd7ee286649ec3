import type { Database } from "better-sqlite3";
import { keyOf, type TurnRow, turnOf } from "../turn-row.ts";
import {
  type Accepted,
  type Admission,
  type Claim,
  leaseMs,
  type NewTurn,
  type Renewed,
  type Turn,
  type TurnStore,
} from "../turns.ts";
import { fileUses } from "./file-uses.ts";
import { backgroundLockTimeoutMs, lockTimeoutMs } from "./lock-timeouts.ts";
import { turnEndings } from "./turn-endings.ts";
import { unclaimedTurns } from "./unclaimed.ts";
import type { Write } from "./writer.ts";

/** Written as in the partial index `turns_open`. */
export const isOpen = "status IN ('queued', 'running', 'waiting')";

export function sqliteTurns(database: Database, write: Write): TurnStore {
  const rows = (condition: string) => database.prepare<unknown[], TurnRow>(`SELECT * FROM turns WHERE ${condition}`);
  const number = (sql: string) => database.prepare<unknown[], number>(sql).pluck();
  const byClientId = rows("conversation_id = ? AND client_id = ?");
  const open = rows(`conversation_id = ? AND ${isOpen} ORDER BY seq`);
  const nextOpen = rows(`conversation_id = ? AND ${isOpen} ORDER BY seq LIMIT 1`);
  const openIn = number(`SELECT count(*) FROM turns WHERE conversation_id = ? AND ${isOpen}`);
  const openBefore = number(`SELECT count(*) FROM turns WHERE conversation_id = ? AND ${isOpen} AND seq < ?`);
  const sessionOf = database.prepare<[string], string>("SELECT session_id FROM conversations WHERE id = ?").pluck();
  const insert = number(`
    INSERT INTO turns (id, conversation_id, session_id, user_id, client_id, replaces, status, attempt, accepted_at, request, attachments)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq`);
  const use = fileUses(database);
  const isSuperseded = number("SELECT superseded FROM turns WHERE id = ?");
  const supersede = number(
    "UPDATE turns SET superseded = 1 WHERE session_id = ? AND seq >= (SELECT seq FROM turns WHERE id = ?) AND id <> ? RETURNING seq",
  );
  const dropSummary = database.prepare(
    "UPDATE sessions SET summary = '', summary_up_to = 0 WHERE id = ? AND summary_up_to >= ?",
  );
  const newEpoch = database.prepare("UPDATE conversations SET epoch = epoch + 1 WHERE id = ?");
  const lease = number("UPDATE conversations SET epoch = epoch + 1, lease_until = ? WHERE id = ? RETURNING epoch");
  const isLeased = number("SELECT coalesce(lease_until > ?, 0) FROM conversations WHERE id = ?");
  const extend = database.prepare(
    "UPDATE conversations SET lease_until = ? WHERE id = ? AND epoch = ? AND lease_until IS NOT NULL",
  );
  const begin = database.prepare("UPDATE turns SET status = 'running', attempt = attempt + 1 WHERE id = ?");
  const steps = database.prepare<[string], [string, string]>("SELECT name, result FROM steps WHERE turn_id = ?").raw();
  const requestStop = database.prepare("UPDATE turns SET stop_requested = 1 WHERE id = ? AND status = 'running'");
  const isStopRequested = number("SELECT stop_requested FROM turns WHERE id = ?");

  function accept(turn: NewTurn, { maxAhead, mayClaim }: Admission): Accepted {
    const { id, conversationId, sessionId, userId, clientId, replaces, attachments = [], request } = turn;
    const key = clientId === undefined ? null : keyOf(clientId);
    const known = key === null ? undefined : byClientId.get(conversationId, key);
    if (known)
      return { type: "duplicate", turn: turnOf(known), position: openBefore.get(conversationId, known.seq) ?? 0 };
    if (sessionOf.get(conversationId) !== sessionId) return { type: "session_ended" };
    if (replaces !== undefined && isSuperseded.get(replaces)) return { type: "gone" };
    const position = openIn.get(conversationId) ?? 0;
    if (position > maxAhead) return { type: "busy" };
    const fileIds = attachments.map(({ file_id }) => file_id);
    if (fileIds.length > 0 && !use(turn, fileIds)) throw new FileGone();
    const isClaimed = mayClaim && position === 0;
    const [status, attempt] = isClaimed ? (["running", 1] as const) : (["queued", 0] as const);
    const acceptedAt = new Date().toISOString();
    const files = attachments.length > 0 ? JSON.stringify(attachments) : null;
    const columns = [key, replaces ?? null, status, attempt, acceptedAt, JSON.stringify(request), files];
    const seq = insert.get(id, conversationId, sessionId, userId, ...columns) ?? 0;
    if (replaces !== undefined) supersedeFrom(turn, replaces);
    const facts = { seq, status, attempt, acceptedAt, crashes: 0, isSuperseded: false, wasSent: false };
    const accepted: Turn = { ...turn, ...facts };
    const claim = isClaimed ? { turn: accepted, epoch: takeLease(conversationId) } : undefined;
    return { type: "accepted", turn: accepted, position, claim };
  }

  /** Drops the summary if it covers a superseded turn. The new epoch invalidates the cached memory of the session. */
  function supersedeFrom({ id, conversationId, sessionId }: NewTurn, replaces: string): void {
    const gone = supersede.all(sessionId, replaces, id);
    dropSummary.run(sessionId, Math.min(...gone));
    newEpoch.run(conversationId);
  }

  /** Returns the new epoch. */
  function takeLease(conversationId: string): number {
    return lease.get(Date.now() + leaseMs, conversationId) ?? 0;
  }

  function claim(conversationId: string): Claim | undefined {
    if (isLeased.get(Date.now(), conversationId)) return undefined;
    const next = nextOpen.get(conversationId);
    if (!next || next.status === "waiting") return undefined;
    begin.run(next.id);
    const turn = turnOf({ ...next, status: "running", attempt: next.attempt + 1 });
    return { turn, epoch: takeLease(conversationId) };
  }

  const extended = ({ turn, epoch }: Claim) => extend.run(Date.now() + leaseMs, turn.conversationId, epoch).changes > 0;

  function renew(claims: readonly Claim[]): Renewed {
    const { valid = [], lost = [] } = Object.groupBy(claims, (one) => (extended(one) ? "valid" : "lost"));
    return { void: lost, stopped: valid.filter(({ turn }) => isStopRequested.get(turn.id)) };
  }

  return {
    ...turnEndings(database, write),
    async accept(turn, admission) {
      try {
        return await write(() => accept(turn, admission), { durable: true, lockTimeoutMs });
      } catch (error) {
        if (error instanceof FileGone) return { type: "file_gone" };
        throw error;
      }
    },
    async claim(conversationId) {
      const next = nextOpen.get(conversationId);
      if (!next || next.status === "waiting") return undefined;
      return await write(() => claim(conversationId), { durable: true, lockTimeoutMs: backgroundLockTimeoutMs });
    },
    async renew(claims) {
      return await write(() => renew(claims));
    },
    async requestStop(turnId) {
      return await write(() => requestStop.run(turnId).changes > 0, { lockTimeoutMs });
    },
    async steps(turnId) {
      return new Map(steps.all(turnId));
    },
    async open(conversationId) {
      return open.all(conversationId).map(turnOf);
    },
    unclaimed: unclaimedTurns(database),
  };
}

/** Takes back what the transaction has written so far. */
class FileGone extends Error {}
