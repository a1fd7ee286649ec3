import type { FileStore, StoredFile, Unused } from "../files.ts";
import { backgroundPatienceMs, type Database } from "./database.ts";
import { sql } from "./statement.ts";
import { asText, idIn, textOf } from "./text.ts";

const columns = "file_id, user_id, name, size, media_type, created_at";

/** Two uploads of one user count one after the other. */
const lockUser = sql("SELECT pg_advisory_xact_lock(hashtextextended('files of ' || $1, 0))");

const unusedOf = "FROM files WHERE user_id = $2 AND state = 'unused' AND file_id <> $1";

/** Has a row if the file is kept; `$7` and `$8` are the limits. */
const add = sql(`
  INSERT INTO files (${columns}) SELECT $1, $2, $3, $4::bigint, $5, $6
  WHERE (SELECT count(*) ${unusedOf}) < $7 AND (SELECT coalesce(sum(size), 0) ${unusedOf}) + $4::bigint <= $8
  ON CONFLICT (file_id) DO UPDATE SET file_id = excluded.file_id -- written before, but the answer was lost
  RETURNING 1`);

/** One statement for known, unknown and foreign ids, so that they take the same time. */
const ofUser = sql(`
  SELECT ${columns} FROM unnest($2::text[]) WITH ORDINALITY AS wanted (id, place) JOIN files ON file_id = id
  WHERE user_id = $1 AND state <> 'given up' ORDER BY place`);

const unused = sql(`
  SELECT count(*) AS files, coalesce(sum(size), 0)::bigint AS bytes FROM files WHERE user_id = $1 AND state = 'unused'`);

const giveUpUnused = sql("UPDATE files SET state = 'given up' WHERE state = 'unused' AND created_at < $1");
const giveUp = sql("UPDATE files SET state = 'given up' WHERE state = 'unused' AND file_id = $1");

/** Messages that come with these files wait, and those before have been written. */
const lockFilesOf = sql(`
  SELECT 1 FROM files WHERE file_id IN (SELECT file_id FROM file_uses WHERE conversation_id = $1) ORDER BY file_id FOR NO KEY UPDATE`);
const giveUpOf = sql(`
  WITH dropped AS (DELETE FROM file_uses WHERE conversation_id = $1 RETURNING file_id)
  UPDATE files SET state = 'given up' FROM dropped WHERE files.file_id = dropped.file_id
    AND NOT EXISTS (SELECT 1 FROM file_uses WHERE file_uses.file_id = files.file_id AND conversation_id <> $1)`);

const givenUp = sql("SELECT file_id FROM files WHERE state = 'given up' LIMIT $1");
const forget = sql("DELETE FROM files WHERE file_id = ANY ($1) AND state = 'given up'");

export function postgresFiles(database: Database): FileStore {
  const background = { patienceMs: backgroundPatienceMs };
  return {
    async add({ file_id, userId, name, size, media_type, createdAt }, limit) {
      const values = [file_id, userId, asText(name), size, media_type, createdAt, limit.files, limit.bytes];
      return await database.transaction(async ({ rows, last }) => {
        void rows(lockUser, [userId]);
        return (await last(add, values)).length > 0;
      });
    },
    async of(userId, fileIds) {
      const ids = fileIds.flatMap((id) => idIn(id) ?? []);
      return (await database.rows<Row>(ofUser, [userId, ids])).map(fileOf);
    },
    async unused(userId) {
      return (await database.first<Unused>(unused, [userId])) ?? { files: 0, bytes: 0 };
    },
    async giveUpUnused(before) {
      await database.rows(giveUpUnused, [before], background);
    },
    async giveUp(fileId) {
      await database.rows(giveUp, [fileId]);
    },
    async giveUpOf(conversationId) {
      await database.transaction(async ({ rows, last }) => {
        void rows(lockFilesOf, [conversationId]);
        await last(giveUpOf, [conversationId]);
      });
    },
    async givenUp(limit) {
      return (await database.rows<{ file_id: string }>(givenUp, [limit])).map(({ file_id }) => file_id);
    },
    async forget(fileIds) {
      await database.rows(forget, [fileIds], background);
    },
  };
}

interface Row {
  file_id: string;
  user_id: string;
  name: string;
  size: number;
  media_type: string;
  created_at: string;
}

function fileOf({ file_id, user_id, name, size, media_type, created_at }: Row): StoredFile {
  return { file_id, userId: user_id, name: textOf(name), size, media_type, createdAt: created_at };
}
