import type { Database } from "better-sqlite3";

import type { Claim, Ending, Turn, TurnStore } from "../turns.ts";
import { claimCheck, isValid } from "./held.ts";
import { backgroundLockTimeoutMs, lockTimeoutMs } from "./lock-timeouts.ts";
import { memoryRefs } from "./memory-refs.ts";
import { recorder } from "./recordings.ts";
import type { Write } from "./writer.ts";

type Part = Pick<TurnStore, "finish" | "endQueued" | "release" | "keepStep">;

const ending =
  "UPDATE turns SET status = ?, outcome = ?, ended = (SELECT coalesce(max(ended), 0) + 1 FROM turns WHERE ended IS NOT NULL)";

/** Ends a turn that has run, and deletes what only an unfinished one needs. Has to run inside a transaction. */
export function turnEnder(database: Database): (turn: Pick<Turn, "id" | "seq">, ending: Ending) => void {
  const end = database.prepare(`${ending}, delivery = ?, beginning = ? WHERE id = ?`);
  const keepReasoning = database.prepare("INSERT INTO reasoning (seq, text) VALUES (?, ?)");
  const keepProduced = database.prepare("INSERT INTO produced (seq, messages, kept) VALUES (?, ?, ?)");
  const record = recorder(database);
  const memoryRow = memoryRefs(database);
  return ({ id, seq }, { outcome, reasoning, memory, produced, isSent }) => {
    const row = memory ? memoryRow(memory) : null;
    end.run(outcome.status, JSON.stringify(outcome), isSent ? 1 : 0, row, id);
    if (reasoning) keepReasoning.run(seq, reasoning);
    if (produced) keepProduced.run(seq, produced.messages ?? null, produced.kept ?? null);
    record({ id, seq });
  };
}

/** The writes that end or release turns. With a claim that is void, they write nothing. */
export function turnEndings(database: Database, write: Write): Part {
  const endQueued = database.prepare(`${ending}, delivery = ?, beside = ? WHERE id = ? AND status = 'queued'`);
  const requeue = database.prepare(
    "UPDATE turns SET status = 'queued', released = released + 1 WHERE id = ? AND status = 'running'",
  );
  const endLease = database.prepare(`UPDATE conversations SET lease_until = NULL WHERE ${isValid}`);
  const isHeld = claimCheck(database);
  const keepStep = database.prepare(
    "INSERT OR REPLACE INTO steps (turn_id, name, result, kept_at) VALUES (?, ?, ?, ?)",
  );
  const endTurn = turnEnder(database);

  function finish(claim: Claim, ending: Ending): boolean {
    if (endLease.run(claim.turn.conversationId, claim.epoch).changes === 0) return false;
    endTurn(claim.turn, ending);
    return true;
  }

  return {
    async finish(claim, ending) {
      return await write(() => finish(claim, ending), { lockTimeoutMs: backgroundLockTimeoutMs });
    },
    async endQueued(turnId, { outcome, isSent }, offset) {
      const result = JSON.stringify(outcome);
      const level = isSent ? 1 : 0;
      return await write(() => endQueued.run(outcome.status, result, level, offset(), turnId).changes > 0, {
        lockTimeoutMs,
      });
    },
    async release(claim) {
      await write(
        () => {
          if (endLease.run(claim.turn.conversationId, claim.epoch).changes > 0) requeue.run(claim.turn.id);
        },
        { lockTimeoutMs },
      );
    },
    async keepStep(claim, name, result) {
      await write(() => {
        if (isHeld(claim)) keepStep.run(claim.turn.id, name, result, now());
      });
    },
  };
}

/** In seconds, with a resolution that orders the steps of a turn. */
function now(): number {
  return (performance.timeOrigin + performance.now()) / 1_000;
}
