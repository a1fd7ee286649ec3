import type { Database } from "better-sqlite3";

import { keepBeginnings } from "./beginnings.ts";
import type { Commit } from "./group-commit.ts";
import {
  type Accepted,
  type Beginning,
  type Claim,
  decidedEnd,
  type NewTurn,
  type Outcome,
  type Store,
} from "./store.ts";
import { optionalTurn, type TurnRow, turnOf } from "./turn-row.ts";

type Part = Pick<
  Store,
  | "accept"
  | "ahead"
  | "byClientId"
  | "claim"
  | "finish"
  | "keepTexts"
  | "release"
  | "endQueued"
  | "step"
  | "keepStep"
  | "openTurns"
  | "unfinished"
>;

/** Turns on their way: what is accepted, kept of a step or ended waits for the disk; a claim need not. */
export function sqliteTurns(database: Database, quick: Database, commit: Commit): Part {
  const rows = (condition: string) => database.prepare<unknown[], TurnRow>(`SELECT * FROM turns WHERE ${condition}`);
  const byClientId = rows("conversation_id = ? AND client_id = ?");
  const open = rows("conversation_id = ? AND status IN ('queued', 'running') ORDER BY seq");
  const nextOpen = quick.prepare<unknown[], TurnRow>(
    "SELECT * FROM turns WHERE conversation_id = ? AND status IN ('queued', 'running') ORDER BY seq LIMIT 1",
  );
  const openIn = database
    .prepare<[string], number>(
      "SELECT count(*) FROM turns WHERE conversation_id = ? AND status IN ('queued', 'running')",
    )
    .pluck();
  const aheadOf = database
    .prepare<[string, string], number>(
      "SELECT count(*) FROM turns WHERE conversation_id = ? AND status IN ('queued', 'running') AND seq < (SELECT seq FROM turns WHERE id = ?)",
    )
    .pluck();
  const insert = database.prepare<unknown[], TurnRow>(`
    INSERT INTO turns (id, conversation_id, session_id, user_id, client_id, replaces, status, accepted_at, request)
    SELECT ?, id, session_id, owner, ?, ?, 'queued', ?, ? FROM conversations WHERE id = ? RETURNING *`);
  const begin = quick.prepare("UPDATE turns SET status = 'running', attempt = attempt + 1 WHERE id = ?");
  const nextEpoch = quick
    .prepare<[string], number>("UPDATE conversations SET epoch = epoch + 1 WHERE id = ? RETURNING epoch")
    .pluck();
  const epochOf = database.prepare<[string], number>("SELECT epoch FROM conversations WHERE id = ?").pluck();
  const ending =
    "UPDATE turns SET status = ?, outcome = ?, ended = (SELECT coalesce(max(ended), 0) + 1 FROM turns WHERE ended IS NOT NULL)";
  const end = database.prepare(`${ending} WHERE id = ?`);
  const endQueued = database.prepare(`${ending}, beside = ? WHERE id = ? AND status = 'queued'`);
  const release = quick.prepare(
    "UPDATE turns SET status = 'queued', released = released + 1 WHERE id = ? AND status = 'running'",
  );
  const dropStep = database.prepare("DELETE FROM steps WHERE turn_id = ? AND name = ?");
  const keepText = database.prepare("INSERT OR IGNORE INTO texts (hash, text) VALUES (?, ?)");
  const keepBeginning = keepBeginnings(database);
  const step = database
    .prepare<[string, string], string>("SELECT result FROM steps WHERE turn_id = ? AND name = ?")
    .pluck();
  const keepStep = database.prepare(
    "INSERT OR REPLACE INTO steps (turn_id, name, result, kept_at) VALUES (?, ?, ?, unixepoch('subsec'))",
  );
  const unfinished = database
    .prepare<[], string>("SELECT DISTINCT conversation_id FROM turns WHERE status IN ('queued', 'running')")
    .pluck();

  const sessionOf = database.prepare<[string], string>("SELECT session_id FROM conversations WHERE id = ?").pluck();
  const isSuperseded = database.prepare<[string], number>("SELECT superseded FROM turns WHERE id = ?").pluck();
  const supersede = database.prepare(
    "UPDATE turns SET superseded = max(superseded, 1) WHERE session_id = ? AND seq >= (SELECT seq FROM turns WHERE id = ?) AND id <> ?",
  );

  function accept({ id, conversationId, sessionId, clientId, replaces, request }: NewTurn, room: number): Accepted {
    const known = clientId === undefined ? undefined : byClientId.get(conversationId, keyOf(clientId));
    if (known) return { type: "duplicate", turn: turnOf(known), position: aheadOf.get(conversationId, known.id) ?? 0 };
    if (sessionOf.get(conversationId) !== sessionId) return { type: "moved" };
    if (replaces !== undefined && isSuperseded.get(replaces)) return { type: "gone" };
    const position = openIn.get(conversationId) ?? 0;
    if (position > room) return { type: "busy" };
    const now = new Date().toISOString();
    const row = insert.get(
      id,
      clientId === undefined ? null : keyOf(clientId),
      replaces ?? null,
      now,
      JSON.stringify(request),
      conversationId,
    );
    if (!row) throw new Error(`There is no conversation ${conversationId}.`);
    if (replaces !== undefined) supersede.run(row.session_id, replaces, id);
    return { type: "accepted", turn: turnOf(row), position };
  }

  const claim = quick.transaction((conversationId: string): Claim | undefined => {
    const next = nextOpen.get(conversationId);
    if (!next) return undefined;
    begin.run(next.id);
    return { turn: turnOf(begunRow(next)), epoch: nextEpoch.get(conversationId) ?? 0 };
  });

  const holds = ({ turn, epoch }: Claim) => epochOf.get(turn.conversationId) === epoch;

  function finish(claim: Claim, outcome: Outcome, beginning: Beginning | undefined): boolean {
    if (!holds(claim)) return false;
    end.run(outcome.status, JSON.stringify(outcome), claim.turn.id);
    dropStep.run(claim.turn.id, decidedEnd);
    if (beginning) keepBeginning(claim.turn.id, beginning);
    return true;
  }

  return {
    async accept(turn, room) {
      return await commit(() => accept(turn, room));
    },
    async ahead({ conversationId, id }) {
      return aheadOf.get(conversationId, id) ?? 0;
    },
    async byClientId(conversationId, clientId) {
      return optionalTurn(byClientId.get(conversationId, keyOf(clientId)));
    },
    async claim(conversationId) {
      return claim.immediate(conversationId);
    },
    async finish(claimed, outcome, beginning) {
      return await commit(() => finish(claimed, outcome, beginning));
    },
    async keepTexts(texts) {
      await commit(() => {
        for (const { hash, source } of texts) keepText.run(hash, source);
      });
    },
    async release({ turn }) {
      release.run(turn.id);
    },
    async endQueued(turnId, outcome, beside) {
      const result = JSON.stringify(outcome);
      return await commit(() => endQueued.run(outcome.status, result, beside, turnId).changes > 0);
    },
    async step(turnId, name) {
      return step.get(turnId, name);
    },
    async keepStep(claimed, name, result) {
      await commit(() => {
        if (holds(claimed)) keepStep.run(claimed.turn.id, name, result);
      });
    },
    async openTurns(conversationId) {
      return open.all(conversationId).map(turnOf);
    },
    async unfinished() {
      return unfinished.all();
    },
  };
}

function begunRow(row: TurnRow): TurnRow {
  return { ...row, status: "running", attempt: row.attempt + 1 };
}

/** A client's id as JSON text: SQLite's own text would not keep half a surrogate pair apart from another. */
function keyOf(clientId: string): string {
  return JSON.stringify(clientId);
}
