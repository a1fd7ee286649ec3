import { v7 } from "uuid";

import type { Conversation, ConversationStore } from "../conversations.ts";
import { backgroundPatienceMs, type Database } from "./database.ts";
import { sql } from "./statement.ts";
import { isOpen } from "./turn-columns.ts";

interface Row {
  id: string;
  owner: string;
  session_id: string;
  context: string;
}

const find = sql("SELECT id, owner, session_id, context FROM conversations WHERE id = $1");

/** Waits for another process that creates it at the same time. */
const create = sql(`
  WITH created AS (
    INSERT INTO conversations (id, owner, session_id, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
    RETURNING id, session_id, created_at
  )
  INSERT INTO sessions (id, conversation_id, created_at) SELECT session_id, id, created_at FROM created`);

const findLocked = sql(`${find.text} FOR NO KEY UPDATE`);
const setContext = sql("UPDATE conversations SET context = $2 WHERE id = $1");

const beginSession = sql(`
  WITH session AS (
    UPDATE conversations SET session_id = $2, context = '{}', epoch = epoch + 1, lease_until = NULL WHERE id = $1 RETURNING id
  )
  INSERT INTO sessions (id, conversation_id, created_at) SELECT $2, id, $3 FROM session`);

const endOpen = sql(`
  WITH ended AS (
    UPDATE turns SET status = 'stopped' WHERE conversation_id = $1 AND ${isOpen} RETURNING id
  ),
  steps AS (DELETE FROM steps USING ended WHERE turn_id = ended.id),
  waits AS (DELETE FROM waits USING ended WHERE turn_id = ended.id),
  calls AS (DELETE FROM tool_calls USING ended WHERE turn_id = ended.id),
  checkpoints AS (DELETE FROM graph_checkpoints USING ended WHERE turn_id = ended.id),
  writes AS (DELETE FROM graph_writes USING ended WHERE turn_id = ended.id)
  SELECT id FROM ended`);

/** What a reset has ended: nothing else ends turns without an outcome. */
const endedByReset = sql("SELECT id FROM turns WHERE session_id = $1 AND status = 'stopped' AND outcome IS NULL");

const lockSession = sql(`
  SELECT 1 FROM conversations WHERE id = (SELECT conversation_id FROM sessions WHERE id = $1) FOR NO KEY UPDATE`);

/** A summary that is there already was written by an attempt whose answer was lost. */
const setSummary = sql(`
  UPDATE sessions SET summary = $2, summary_up_to = $3
  WHERE id = $1 AND (summary_up_to = $4 OR (summary_up_to = $3 AND summary = $2))
    AND id = (SELECT session_id FROM conversations WHERE conversations.id = sessions.conversation_id)
    AND NOT EXISTS (SELECT 1 FROM turns WHERE turns.id = ANY ($5) AND superseded)
  RETURNING id`);

export function postgresConversations(database: Database): ConversationStore {
  return {
    async open(id, userId) {
      let row = await database.first<Row>(find, [id]);
      if (!row) {
        await database.rows(create, [id, userId, v7(), new Date().toISOString()]);
        row = await database.first<Row>(find, [id]);
      }
      return row?.owner === userId ? conversationOf(row) : undefined;
    },
    async conversation(id) {
      const row = await database.first<Row>(find, [id]);
      return row && conversationOf(row);
    },
    async changeContext(id, change) {
      return await database.transaction(async ({ rows, last }) => {
        const [row] = await rows<Row>(findLocked, [id]);
        const context = change(JSON.parse(row?.context ?? "{}"));
        await last(setContext, [id, JSON.stringify(context)]);
        return context;
      });
    },
    async reset(id) {
      const sessionId = v7();
      let before: string | undefined;
      return await database.transaction(async ({ isRepeat, rows, last }) => {
        const [row] = await rows<Row>(findLocked, [id]);
        const isDone = isRepeat && row?.session_id === sessionId;
        if (!isDone) before = row?.session_id;
        if (!isDone) void rows(beginSession, [id, sessionId, new Date().toISOString()]);
        const ended = await (isDone
          ? last<{ id: string }>(endedByReset, [before])
          : last<{ id: string }>(endOpen, [id]));
        return { sessionId, ended: ended.map((turn) => turn.id) };
      });
    },
    async keepSummary({ sessionId, text, upTo, from }) {
      const values = [sessionId, JSON.stringify(text), upTo, from.upTo, from.turnIds];
      const keep = database.transaction(
        async ({ rows, last }) => {
          void rows(lockSession, [sessionId]);
          return await last(setSummary, values);
        },
        { patienceMs: backgroundPatienceMs },
      );
      return (await keep).length > 0;
    },
  };
}

function conversationOf({ id, owner, session_id, context }: Row): Conversation {
  return { id, owner, sessionId: session_id, context: JSON.parse(context) };
}
