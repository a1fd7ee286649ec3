import type { Database } from "better-sqlite3";
import { type TurnRow, turnOf } from "../turn-row.ts";
import type { Claim, Ending } from "../turns.ts";
import type { Answered, Wait, WaitStore } from "../waits.ts";
import { isValid } from "./held.ts";
import { backgroundLockTimeoutMs, lockTimeoutMs } from "./lock-timeouts.ts";
import { earlierWaits } from "./recordings.ts";
import { beforeWait } from "./tool-calls.ts";
import { turnEnder } from "./turn-endings.ts";
import { isOpen } from "./turns.ts";
import type { Write } from "./writer.ts";

export function sqliteWaits(database: Database, write: Write): WaitStore {
  const rows = (condition: string) => database.prepare<string[], TurnRow>(`SELECT * FROM turns WHERE ${condition}`);
  const endLease = database.prepare(`UPDATE conversations SET lease_until = NULL WHERE ${isValid}`);
  const suspend = database.prepare("UPDATE turns SET status = 'waiting', released = released + 1 WHERE id = ?");
  const resume = database.prepare("UPDATE turns SET status = 'queued' WHERE id = ?");
  const mayStartAgain = database.prepare("UPDATE tool_calls SET attempt = ? WHERE turn_id = ? AND has_ended = 0");
  const keep = database.prepare("INSERT OR REPLACE INTO waits (turn_id, wait, asked_at, earlier) VALUES (?, ?, ?, ?)");
  const change = database.prepare("UPDATE waits SET wait = ?, answered_at = ? WHERE turn_id = ?");
  const earlierOf = earlierWaits(database);
  const waitOf = database.prepare<[string], string>("SELECT wait FROM waits WHERE turn_id = ?").pluck();
  const askedAt = database.prepare<[string], number | null>("SELECT asked_at FROM waits WHERE turn_id = ?").pluck();
  const count = database
    .prepare<[], number>(`SELECT count(*) FROM turns WHERE ${isOpen} AND status = 'waiting'`)
    .pluck();
  const oldest = rows(`conversation_id = ? AND ${isOpen} ORDER BY seq LIMIT 1`);
  const isWaiting = rows("conversation_id = ? AND id = ? AND status = 'waiting'");
  const suspended = rows("id = ? AND status IN ('waiting', 'queued') AND id IN (SELECT turn_id FROM waits)");
  const endTurn = turnEnder(database);

  function read(turnId: string): Wait | undefined {
    const found = waitOf.get(turnId);
    return found === undefined ? undefined : JSON.parse(found);
  }

  function begin({ turn, epoch }: Claim, wait: Wait): boolean {
    if (endLease.run(turn.conversationId, epoch).changes === 0) return false;
    suspend.run(turn.id);
    mayStartAgain.run(beforeWait, turn.id);
    keep.run(turn.id, JSON.stringify(wait), Date.now(), earlierOf(turn.id));
    return true;
  }

  function answer(conversationId: string, turnId: string, answers: ReadonlyMap<string, unknown>): Answered {
    const wait = isWaiting.get(conversationId, turnId) && read(turnId);
    if (!wait) return "unknown";
    const open = new Set(wait.questions.flatMap(({ interruptId, answer }) => (answer ? [] : [interruptId])));
    for (const interruptId of answers.keys()) if (!open.delete(interruptId)) return "unknown";
    const questions = wait.questions.map((question) =>
      answers.has(question.interruptId)
        ? { ...question, answer: { value: answers.get(question.interruptId) } }
        : question,
    );
    change.run(JSON.stringify({ ...wait, questions }), Date.now(), turnId);
    if (open.size > 0) return "partly";
    resume.run(turnId);
    return "complete";
  }

  function end(turnId: string, ending: Ending): boolean {
    const row = suspended.get(turnId);
    if (row) endTurn(row, ending);
    return row !== undefined;
  }

  return {
    async begin(claim, wait) {
      return await write(() => begin(claim, wait), { durable: true, lockTimeoutMs: backgroundLockTimeoutMs });
    },
    async waiting(conversationId) {
      const row = oldest.get(conversationId);
      if (!row || row.status === "running") return undefined;
      const wait = read(row.id);
      return wait && { turn: turnOf(row), wait };
    },
    async count() {
      return count.get() ?? 0;
    },
    async askedAt(turnId) {
      return askedAt.get(turnId) ?? undefined;
    },
    async of(turnId) {
      return read(turnId);
    },
    async answer(conversationId, turnId, answers) {
      return await write(() => answer(conversationId, turnId, answers), { durable: true, lockTimeoutMs });
    },
    async end(turnId, ending) {
      return await write(() => end(turnId, ending), { durable: true, lockTimeoutMs });
    },
  };
}
