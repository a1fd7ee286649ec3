import type { Database } from "better-sqlite3";

import type { Claim, Ending, TurnStore } from "../turns.ts";
import { backgroundLockTimeoutMs, lockTimeoutMs } from "./lock-timeouts.ts";
import { memoryRefs } from "./memory-refs.ts";
import type { Write } from "./writer.ts";

type Part = Pick<TurnStore, "finish" | "endQueued" | "release" | "keepStep">;

/** The writes that end or release turns. With a claim that is void, they write nothing. */
export function turnEndings(database: Database, write: Write): Part {
  const ending =
    "UPDATE turns SET status = ?, outcome = ?, ended = (SELECT coalesce(max(ended), 0) + 1 FROM turns WHERE ended IS NOT NULL)";
  const end = database.prepare(`${ending}, delivery = ?, beginning = ? WHERE id = ?`);
  const endQueued = database.prepare(`${ending}, delivery = ?, beside = ? WHERE id = ? AND status = 'queued'`);
  const requeue = database.prepare(
    "UPDATE turns SET status = 'queued', released = released + 1 WHERE id = ? AND status = 'running'",
  );
  const isValid = "id = ? AND epoch = ? AND lease_until IS NOT NULL";
  const endLease = database.prepare(`UPDATE conversations SET lease_until = NULL WHERE ${isValid}`);
  const isHeld = database
    .prepare<[string, number], number>(`SELECT EXISTS (SELECT 1 FROM conversations WHERE ${isValid})`)
    .pluck();
  const keepStep = database.prepare(
    "INSERT OR REPLACE INTO steps (turn_id, name, result, kept_at) VALUES (?, ?, ?, ?)",
  );
  const keepReasoning = database.prepare("INSERT INTO reasoning (seq, text) VALUES (?, ?)");
  const memoryRow = memoryRefs(database);

  function finish(claim: Claim, { outcome, reasoning, memory, isSent }: Ending): boolean {
    if (endLease.run(claim.turn.conversationId, claim.epoch).changes === 0) return false;
    const row = memory ? memoryRow(memory) : null;
    end.run(outcome.status, JSON.stringify(outcome), isSent ? 1 : 0, row, claim.turn.id);
    if (reasoning) keepReasoning.run(claim.turn.seq, reasoning);
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
        const { turn, epoch } = claim;
        if (isHeld.get(turn.conversationId, epoch)) keepStep.run(turn.id, name, result, now());
      });
    },
  };
}

/** In seconds, with a resolution that orders the steps of a turn. */
function now(): number {
  return (performance.timeOrigin + performance.now()) / 1_000;
}
