import type { CheckpointPlace, CheckpointStore, PendingWrite, StoredCheckpoint } from "../checkpoints.ts";
import type { Claim } from "../turns.ts";
import type { Wait } from "../waits.ts";
import { backgroundPatienceMs, type Database } from "./database.ts";
import { held } from "./held.ts";
import { sql } from "./statement.ts";
import type { Transaction } from "./transaction.ts";

/** A replaced row gets a new place: it is the newest again. */
const put = sql(`
  WITH ${held}
  INSERT INTO graph_checkpoints (turn_id, namespace, id, parent_id, checkpoint_type, checkpoint, metadata_type, metadata)
  SELECT $3, $4, $5, $6, $7, $8::bytea, $9, $10::bytea FROM held
  ON CONFLICT (turn_id, namespace, id) DO UPDATE SET place = excluded.place, parent_id = excluded.parent_id,
    checkpoint_type = excluded.checkpoint_type, checkpoint = excluded.checkpoint,
    metadata_type = excluded.metadata_type, metadata = excluded.metadata
  RETURNING 1`);

/** Has a row if the claim is valid. At a place that is not negative, the first write stays. */
const putWrites = sql(`
  WITH ${held},
  kept AS (
    INSERT INTO graph_writes (turn_id, namespace, checkpoint_id, task_id, position, task_path, channel, type, value)
    SELECT $3, $4, $5, given.* FROM held, unnest($6::text[], $7::integer[], $8::text[], $9::text[], $10::text[], $11::bytea[]) AS given
    ON CONFLICT (turn_id, namespace, checkpoint_id, task_id, position) DO UPDATE SET
      task_path = excluded.task_path, channel = excluded.channel, type = excluded.type, value = excluded.value
    WHERE excluded.position < 0
  )
  SELECT 1 FROM held`);

const waitOf = sql("SELECT wait FROM waits WHERE turn_id = $1");
const keepWait = sql("UPDATE waits SET wait = $2 WHERE turn_id = $1");

const wanted = "turn_id = $1 AND namespace = $2 AND ($3::text IS NULL OR id = $3) ORDER BY place DESC LIMIT 1";
const one = sql(`SELECT * FROM graph_checkpoints WHERE ${wanted}`);
const writesOfOne = sql(`
  SELECT * FROM graph_writes WHERE turn_id = $1 AND namespace = $2 AND checkpoint_id = (SELECT id FROM graph_checkpoints WHERE ${wanted})`);
const list = sql(`
  SELECT * FROM graph_checkpoints WHERE turn_id = $1 AND ($2::text IS NULL OR namespace = $2)
    AND place < coalesce((SELECT max(place) FROM graph_checkpoints WHERE turn_id = $1 AND id = $3), ${Number.MAX_SAFE_INTEGER})
  ORDER BY place DESC`);
const writesOfAll = sql("SELECT * FROM graph_writes WHERE turn_id = $1 AND ($2::text IS NULL OR namespace = $2)");

export function postgresCheckpoints(database: Database): CheckpointStore {
  const background = { patienceMs: backgroundPatienceMs };

  /** Reads both in one go. Only the turn's own runner writes, so they belong together. */
  const both = (checkpoints: typeof one, writes: typeof one, values: readonly unknown[], writesBy = values) =>
    database.transaction(async ({ rows, last }) =>
      stored(...(await Promise.all([rows<Row>(checkpoints, values), last<WriteRow>(writes, writesBy)]))),
    );

  return {
    async put({ turn, epoch }, { namespace, id, parentId, checkpoint, metadata }) {
      const claim = [turn.conversationId, epoch];
      const columns = [checkpoint.type, checkpoint.bytes, metadata.type, metadata.bytes];
      const row = await database.first(
        put,
        [...claim, turn.id, namespace, id, parentId ?? null, ...columns],
        background,
      );
      return row !== undefined;
    },
    async putWrites(claim, place, writes, asked = []) {
      const values = valuesOf(claim, place, writes);
      if (asked.length === 0) return (await database.first(putWrites, values, background)) !== undefined;
      return await database.transaction((transaction) => putAsking(transaction, claim, values, asked), background);
    },
    async get(turnId, namespace, id) {
      return (await both(one, writesOfOne, [turnId, namespace, id ?? null]))[0];
    },
    async list(turnId, namespace, before) {
      const values = [turnId, namespace ?? null];
      return await both(list, writesOfAll, [...values, before ?? null], values);
    },
  };
}

/** The graph asks again under the same ids: what was answered before must not answer this. */
async function putAsking(
  { lock, rows, last }: Transaction,
  { turn }: Claim,
  values: readonly unknown[],
  asked: readonly string[],
): Promise<boolean> {
  void lock(turn.conversationId);
  const [[isHeld], [found]] = await Promise.all([rows(putWrites, values), rows<{ wait: string }>(waitOf, [turn.id])]);
  if (!isHeld || !found) return isHeld !== undefined;
  const wait: Wait = JSON.parse(found.wait);
  const questions = wait.questions.filter(({ graphId }) => !asked.includes(graphId));
  await last(keepWait, [turn.id, JSON.stringify({ ...wait, questions })]);
  return true;
}

/** One statement cannot write to a place twice. */
function valuesOf({ turn, epoch }: Claim, { namespace, id }: CheckpointPlace, writes: readonly PendingWrite[]) {
  const byPlace = new Map<string, PendingWrite>();
  for (const write of writes) {
    const place = `${write.index} ${write.taskId}`;
    if (write.index < 0 || !byPlace.has(place)) byPlace.set(place, write);
  }
  const all = [...byPlace.values()];
  const column = <Name extends keyof PendingWrite>(name: Name) => all.map((write) => write[name]);
  const columns = [column("taskId"), column("index"), column("taskPath"), column("channel"), column("type")];
  return [turn.conversationId, epoch, turn.id, namespace, id, ...columns, column("bytes")];
}

interface Row {
  namespace: string;
  id: string;
  parent_id: string | null;
  checkpoint_type: string;
  checkpoint: Uint8Array;
  metadata_type: string;
  metadata: Uint8Array;
}

interface WriteRow {
  namespace: string;
  checkpoint_id: string;
  task_id: string;
  position: number;
  task_path: string;
  channel: string;
  type: string;
  value: Uint8Array;
}

function stored(rows: readonly Row[], writes: readonly WriteRow[]): StoredCheckpoint[] {
  return rows.map((row) => ({
    namespace: row.namespace,
    id: row.id,
    parentId: row.parent_id ?? undefined,
    checkpoint: { type: row.checkpoint_type, bytes: row.checkpoint },
    metadata: { type: row.metadata_type, bytes: row.metadata },
    writes: writes
      .filter(({ namespace, checkpoint_id }) => namespace === row.namespace && checkpoint_id === row.id)
      .map(writeOf),
  }));
}

function writeOf({ task_id, position, task_path, channel, type, value }: WriteRow): PendingWrite {
  return { taskId: task_id, taskPath: task_path, index: position, channel, type, bytes: value };
}
