import type { Database } from "better-sqlite3";

import type { CheckpointStore, PendingWrite, StoredCheckpoint } from "../checkpoints.ts";
import type { Wait } from "../waits.ts";
import { claimCheck } from "./held.ts";
import type { Write } from "./writer.ts";

interface Row {
  place: number;
  namespace: string;
  id: string;
  parent_id: string | null;
  checkpoint_type: string;
  checkpoint: Uint8Array;
  metadata_type: string;
  metadata: Uint8Array;
}

interface WriteRow {
  task_id: string;
  position: number;
  task_path: string;
  channel: string;
  type: string;
  value: Uint8Array;
}

export function sqliteCheckpoints(database: Database, write: Write): CheckpointStore {
  const rows = (condition: string) =>
    database.prepare<unknown[], Row>(`SELECT * FROM graph_checkpoints WHERE turn_id = ? AND ${condition}`);
  const isHeld = claimCheck(database);
  // A replaced row gets a new place: it is the newest again.
  const put = database.prepare(`
    INSERT OR REPLACE INTO graph_checkpoints (turn_id, namespace, id, parent_id, checkpoint_type, checkpoint, metadata_type, metadata)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
  const values =
    "INTO graph_writes (turn_id, namespace, checkpoint_id, task_id, position, task_path, channel, type, value)";
  const keepFirst = database.prepare(`INSERT OR IGNORE ${values} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const keepLast = database.prepare(`INSERT OR REPLACE ${values} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const newest = rows("namespace = ? ORDER BY place DESC LIMIT 1");
  const byId = rows("namespace = ? AND id = ?");
  const inOrder = rows(`
    namespace = coalesce(?, namespace)
    AND place < coalesce((SELECT max(place) FROM graph_checkpoints WHERE turn_id = ? AND id = ?), ${Number.MAX_SAFE_INTEGER})
    ORDER BY place DESC`);
  const writesOf = database.prepare<[string, string, string], WriteRow>(
    "SELECT * FROM graph_writes WHERE turn_id = ? AND namespace = ? AND checkpoint_id = ?",
  );
  const waitOf = database.prepare<[string], string>("SELECT wait FROM waits WHERE turn_id = ?").pluck();
  const keepWait = database.prepare("UPDATE waits SET wait = ? WHERE turn_id = ?");

  /** The graph asks again under the same ids: what was answered before must not answer this. */
  function spend(turnId: string, asked: readonly string[]): void {
    const found = waitOf.get(turnId);
    if (found === undefined) return;
    const wait: Wait = JSON.parse(found);
    const questions = wait.questions.filter(({ graphId }) => !asked.includes(graphId));
    keepWait.run(JSON.stringify({ ...wait, questions }), turnId);
  }

  function stored(turnId: string, row: Row): StoredCheckpoint {
    return {
      namespace: row.namespace,
      id: row.id,
      parentId: row.parent_id ?? undefined,
      checkpoint: { type: row.checkpoint_type, bytes: row.checkpoint },
      metadata: { type: row.metadata_type, bytes: row.metadata },
      writes: writesOf.all(turnId, row.namespace, row.id).map(writeOf),
    };
  }

  return {
    async put(claim, { namespace, id, parentId, checkpoint, metadata }) {
      const columns = [checkpoint.type, checkpoint.bytes, metadata.type, metadata.bytes];
      return await write(() => {
        if (!isHeld(claim)) return false;
        put.run(claim.turn.id, namespace, id, parentId ?? null, ...columns);
        return true;
      });
    },
    async putWrites(claim, { namespace, id }, writes, asked = []) {
      return await write(() => {
        if (!isHeld(claim)) return false;
        for (const { taskId, taskPath, index, channel, type, bytes } of writes) {
          const keep = index < 0 ? keepLast : keepFirst;
          keep.run(claim.turn.id, namespace, id, taskId, index, taskPath, channel, type, bytes);
        }
        if (asked.length > 0) spend(claim.turn.id, asked);
        return true;
      });
    },
    async get(turnId, namespace, id) {
      const row = id === undefined ? newest.get(turnId, namespace) : byId.get(turnId, namespace, id);
      return row && stored(turnId, row);
    },
    async list(turnId, namespace, before) {
      return inOrder.all(turnId, namespace ?? null, turnId, before ?? null).map((row) => stored(turnId, row));
    },
  };
}

function writeOf({ task_id, position, task_path, channel, type, value }: WriteRow): PendingWrite {
  return { taskId: task_id, taskPath: task_path, index: position, channel, type, bytes: value };
}
