import type { Database } from "better-sqlite3";

import type { Claim, Ending, TurnStore } from "../turns.ts";
import { beginnings } from "./beginnings.ts";
import { longPatienceMs, patienceMs } from "./patience.ts";
import type { Write } from "./writer.ts";

type Part = Pick<TurnStore, "finish" | "endQueued" | "release" | "keepStep">;

/** What is written of a turn after it was claimed. Nothing is, once the claim is void. */
export function turnEndings(database: Database, write: Write): Part {
  const ending =
    "UPDATE turns SET status = ?, outcome = ?, ended = (SELECT coalesce(max(ended), 0) + 1 FROM turns WHERE ended IS NOT NULL)";
  const end = database.prepare(`${ending}, delivery = ?, beginning = ? WHERE id = ?`);
  const endQueued = database.prepare(`${ending}, delivery = ?, beside = ? WHERE id = ? AND status = 'queued'`);
  const giveBack = database.prepare(
    "UPDATE turns SET status = 'queued', released = released + 1 WHERE id = ? AND status = 'running'",
  );
  const holds = "id = ? AND epoch = ? AND lease_until IS NOT NULL";
  const endLease = database.prepare(`UPDATE conversations SET lease_until = NULL WHERE ${holds}`);
  const isHeld = database
    .prepare<[string, number], number>(`SELECT EXISTS (SELECT 1 FROM conversations WHERE ${holds})`)
    .pluck();
  const keepStep = database.prepare(
    "INSERT OR REPLACE INTO steps (turn_id, name, result, kept_at) VALUES (?, ?, ?, ?)",
  );
  const beginningRow = beginnings(database);

  function finish(claim: Claim, { outcome, beginning, isSent }: Ending): boolean {
    if (endLease.run(claim.turn.conversationId, claim.epoch).changes === 0) return false;
    const begun = beginning ? beginningRow(beginning) : null;
    end.run(outcome.status, JSON.stringify(outcome), isSent ? 1 : 0, begun, claim.turn.id);
    return true;
  }

  return {
    async finish(claim, ending) {
      return await write(() => finish(claim, ending), { patienceMs: longPatienceMs });
    },
    async endQueued(turnId, { outcome, isSent }, beside) {
      const result = JSON.stringify(outcome);
      const level = isSent ? 1 : 0;
      return await write(() => endQueued.run(outcome.status, result, level, beside, turnId).changes > 0, {
        patienceMs,
      });
    },
    async release(claim) {
      await write(
        () => {
          if (endLease.run(claim.turn.conversationId, claim.epoch).changes > 0) giveBack.run(claim.turn.id);
        },
        { patienceMs },
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

/** In seconds, fine enough that of two steps the later one has more. */
function now(): number {
  return (performance.timeOrigin + performance.now()) / 1_000;
}
