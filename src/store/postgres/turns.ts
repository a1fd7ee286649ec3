import { turnOf } from "../turn-row.ts";
import type { TurnStore } from "../turns.ts";
import { accept, FileGone } from "./accept.ts";
import { claims } from "./claims.ts";
import type { Database } from "./database.ts";
import { sql } from "./statement.ts";
import { isOpen, type TurnRow, turnColumns } from "./turn-columns.ts";
import { turnEndings } from "./turn-endings.ts";

const open = sql(`SELECT ${turnColumns} FROM turns WHERE conversation_id = $1 AND ${isOpen} ORDER BY seq`);

/** `leases` renews claims: see claims.ts. */
export function postgresTurns(database: Database, leases: Database): TurnStore {
  return {
    ...claims(database, leases),
    ...turnEndings(database),
    async accept(turn, admission) {
      try {
        return await database.transaction((transaction) => accept(transaction, turn, admission));
      } catch (error) {
        if (error instanceof FileGone) return { type: "file_gone" };
        throw error;
      }
    },
    async open(conversationId) {
      return (await database.rows<TurnRow>(open, [conversationId])).map(turnOf);
    },
  };
}
