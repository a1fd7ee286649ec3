import type pg from "pg";

/** Makes claims and unfinished turns older by this much. */
export async function passTime(client: pg.ClientBase, ms: number): Promise<void> {
  await client.query(`
    UPDATE conversations SET lease_until = lease_until - interval '${ms} ms' WHERE lease_until IS NOT NULL;
    UPDATE turns SET stored_at = stored_at - interval '${ms} ms' WHERE status IN ('queued', 'running', 'waiting')`);
}
