import type { Database } from "better-sqlite3";
import { v7 } from "uuid";

import type { Conversation, ConversationStore, NewSummary } from "../conversations.ts";
import { flightDropper } from "./flight.ts";
import { lockTimeoutMs } from "./lock-timeouts.ts";
import { isOpen } from "./turns.ts";
import type { Write } from "./writer.ts";

interface Row {
  id: string;
  owner: string;
  session_id: string;
  context: string;
}

/** A new conversation is not synced by itself: the sync of its first message covers it. */
export function sqliteConversations(database: Database, write: Write): ConversationStore {
  const find = database.prepare<[string], Row>("SELECT id, owner, session_id, context FROM conversations WHERE id = ?");
  const insertSession = database.prepare("INSERT INTO sessions (id, conversation_id, created_at) VALUES (?, ?, ?)");
  const insert = database.prepare("INSERT INTO conversations (id, owner, session_id, created_at) VALUES (?, ?, ?, ?)");
  const setContext = database.prepare("UPDATE conversations SET context = ? WHERE id = ?");
  const renew = database.prepare(
    "UPDATE conversations SET session_id = ?, context = '{}', epoch = epoch + 1, lease_until = NULL WHERE id = ?",
  );
  const endOpen = database
    .prepare<[string], string>(
      `UPDATE turns SET status = 'stopped' WHERE conversation_id = ? AND ${isOpen} RETURNING id`,
    )
    .pluck();
  const dropSteps = database.prepare("DELETE FROM steps WHERE turn_id = ?");
  const dropFlight = flightDropper(database);
  const coversSuperseded = database
    .prepare<[string], number>(
      "SELECT EXISTS (SELECT 1 FROM turns WHERE id IN (SELECT value FROM json_each(?)) AND superseded = 1)",
    )
    .pluck();
  const setSummary = database.prepare(
    `UPDATE sessions SET summary = ?, summary_up_to = ? WHERE id = ? AND summary_up_to = ?
     AND id = (SELECT session_id FROM conversations WHERE id = sessions.conversation_id)`,
  );

  function create(id: string, userId: string): Row {
    const found = find.get(id);
    if (found) return found;
    const now = new Date().toISOString();
    const sessionId = v7();
    insertSession.run(sessionId, id, now);
    insert.run(id, userId, sessionId, now);
    return { id, owner: userId, session_id: sessionId, context: "{}" };
  }

  function reset(id: string) {
    const sessionId = v7();
    insertSession.run(sessionId, id, new Date().toISOString());
    renew.run(sessionId, id);
    const ended = endOpen.all(id);
    for (const turnId of ended) {
      dropSteps.run(turnId);
      dropFlight(turnId);
    }
    return { sessionId, ended };
  }

  function keepSummary({ sessionId, text, upTo, from }: NewSummary): boolean {
    if (coversSuperseded.get(JSON.stringify(from.turnIds))) return false;
    return setSummary.run(text, upTo, sessionId, from.upTo).changes > 0;
  }

  return {
    async open(id, userId) {
      const row = find.get(id) ?? (await write(() => create(id, userId), { lockTimeoutMs }));
      return row.owner === userId ? conversationOf(row) : undefined;
    },
    async conversation(id) {
      const row = find.get(id);
      return row && conversationOf(row);
    },
    async changeContext(id, change) {
      const changed = () => {
        const context = change(JSON.parse(find.get(id)?.context ?? "{}"));
        setContext.run(JSON.stringify(context), id);
        return context;
      };
      return await write(changed, { durable: true, lockTimeoutMs });
    },
    async reset(id) {
      return await write(() => reset(id), { durable: true, lockTimeoutMs });
    },
    async keepSummary(summary) {
      return await write(() => keepSummary(summary));
    },
  };
}

function conversationOf({ id, owner, session_id, context }: Row): Conversation {
  return { id, owner, sessionId: session_id, context: JSON.parse(context) };
}
