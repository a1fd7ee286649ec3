import { randomUUID } from "node:crypto";
import type { Database } from "better-sqlite3";

import type { Commit } from "./group-commit.ts";
import type { Conversation, Store } from "./store.ts";

interface Row {
  id: string;
  owner: string;
  session_id: string;
  context: string;
}

type Part = Pick<Store, "open" | "conversation" | "changeContext" | "reset">;

/** A conversation that is opened is durable with the first message it takes: the next durable commit syncs it. */
export function sqliteConversations(database: Database, quick: Database, commit: Commit): Part {
  const find = database.prepare<[string], Row>("SELECT id, owner, session_id, context FROM conversations WHERE id = ?");
  const newSession = "INSERT INTO sessions (id, conversation_id, created_at) VALUES (?, ?, ?)";
  const insertSession = database.prepare(newSession);
  const openSession = quick.prepare(newSession);
  const insert = quick.prepare("INSERT INTO conversations (id, owner, session_id, created_at) VALUES (?, ?, ?, ?)");
  const setContext = database.prepare("UPDATE conversations SET context = ? WHERE id = ?");
  const renew = database.prepare(
    "UPDATE conversations SET session_id = ?, context = '{}', epoch = epoch + 1 WHERE id = ?",
  );
  const endOpen = database.prepare<[string], { id: string }>(
    "UPDATE turns SET status = 'stopped' WHERE conversation_id = ? AND status IN ('queued', 'running') RETURNING id",
  );

  const open = quick.transaction((id: string, userId: string): Row | undefined => {
    const row = find.get(id);
    if (row) return row;
    const now = new Date().toISOString();
    const sessionId = randomUUID();
    openSession.run(sessionId, id, now);
    insert.run(id, userId, sessionId, now);
    return { id, owner: userId, session_id: sessionId, context: "{}" };
  });

  const dropSteps = database.prepare("DELETE FROM steps WHERE turn_id = ?");

  function reset(id: string) {
    const formerSessionId = find.get(id)?.session_id ?? "";
    const sessionId = randomUUID();
    insertSession.run(sessionId, id, new Date().toISOString());
    renew.run(sessionId, id);
    const ended = endOpen.all(id).map((turn) => turn.id);
    for (const turnId of ended) dropSteps.run(turnId);
    return { sessionId, formerSessionId, ended };
  }

  return {
    async open(id, userId) {
      const row = open.immediate(id, userId);
      return row?.owner === userId ? conversationOf(row) : undefined;
    },
    async conversation(id) {
      const row = find.get(id);
      return row && conversationOf(row);
    },
    async changeContext(id, change) {
      return await commit(() => {
        const context = change(JSON.parse(find.get(id)?.context ?? "{}"));
        setContext.run(JSON.stringify(context), id);
        return context;
      });
    },
    async reset(id) {
      return await commit(() => reset(id), "alone");
    },
  };
}

function conversationOf({ id, owner, session_id, context }: Row): Conversation {
  return { id, owner, sessionId: session_id, context: JSON.parse(context) };
}
