import type { Database } from "better-sqlite3";

import type { CallStart, ToolCallStore } from "../tool-calls.ts";
import type { Claim } from "../turns.ts";
import { claimCheck } from "./held.ts";
import { backgroundLockTimeoutMs } from "./lock-timeouts.ts";
import type { Write } from "./writer.ts";

/** The `attempt` of a call that was not over when its turn began to wait: a tool that asks a person starts again with the answer. */
export const beforeWait = 0;

interface Row {
  attempt: number;
  has_ended: number;
  output: string | null;
}

export function sqliteToolCalls(database: Database, write: Write): ToolCallStore {
  const isHeld = claimCheck(database);
  const find = database.prepare<[string, string], Row>("SELECT * FROM tool_calls WHERE turn_id = ? AND call = ?");
  const begin = database.prepare(`
    INSERT INTO tool_calls (turn_id, call, attempt, told, started_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET attempt = excluded.attempt, told = excluded.told, started_at = excluded.started_at, has_ended = 0, output = NULL`);
  const end = database.prepare(
    "UPDATE tool_calls SET has_ended = 1, told = ?, output = ?, ended_at = ? WHERE turn_id = ? AND call = ?",
  );
  const told = database
    .prepare<[string], [string, string]>("SELECT call, told FROM tool_calls WHERE turn_id = ? ORDER BY place")
    .raw();

  function start(claim: Claim, call: string, { told, mayRepeat }: { told: string; mayRepeat: boolean }): CallStart {
    if (!isHeld(claim)) return { type: "void" };
    const { id, attempt } = claim.turn;
    const known = find.get(id, call);
    const isFromBefore = known !== undefined && known.attempt !== beforeWait && known.attempt !== attempt;
    if (isFromBefore && known.has_ended === 1 && (known.output !== null || !mayRepeat)) {
      return { type: "finished", output: known.output ?? undefined };
    }
    if (isFromBefore && !mayRepeat) return { type: "unfinished" };
    begin.run(id, call, attempt, told, Date.now());
    return { type: "new" };
  }

  return {
    async start(claim, call, options) {
      return await write(() => start(claim, call, options), {
        durable: true,
        lockTimeoutMs: backgroundLockTimeoutMs,
      });
    },
    async end(claim, call, { told, output }) {
      await write(
        () => {
          if (isHeld(claim)) end.run(told, output ?? null, Date.now(), claim.turn.id, call);
        },
        { lockTimeoutMs: backgroundLockTimeoutMs },
      );
    },
    async told(turnId) {
      return new Map(told.all(turnId));
    },
  };
}
