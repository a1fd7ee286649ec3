import type pg from "pg";

/** Of `npm run move`, as long as it has not ended: how far it has come. */
export const progressTable = "conversation_channel_move";

/** Throws if a move to this database was interrupted: a server would find half of it. */
export async function refuseUnfinishedMove(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query("SELECT to_regclass($1) IS NOT NULL AS is_there", [progressTable]);
  if (rows[0]?.is_there)
    throw new Error("DATABASE_URL: a move to this database has not ended. Run npm run move again.");
}
