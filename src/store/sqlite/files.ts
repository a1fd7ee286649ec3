import type { Database } from "better-sqlite3";

import type { FileStore, StoredFile, Unused, UnusedLimit } from "../files.ts";
import { backgroundLockTimeoutMs, lockTimeoutMs } from "./lock-timeouts.ts";
import type { Write } from "./writer.ts";

interface Row {
  file_id: string;
  user_id: string;
  name: string;
  size: number;
  media_type: string;
  created_at: string;
}

const columns = "file_id, user_id, name, size, media_type, created_at";

export function sqliteFiles(database: Database, write: Write): FileStore {
  const insert = database.prepare(`INSERT INTO files (${columns}) VALUES (?, ?, ?, ?, ?, ?)`);
  /** One statement for known, unknown and foreign ids, so that they take the same time. */
  const ofUser = database.prepare<[string, string], Row>(
    `SELECT ${columns} FROM files WHERE file_id = ? AND user_id = ? AND state <> 'given up'`,
  );
  const unused = database.prepare<[string], Unused>(
    "SELECT count(*) AS files, coalesce(sum(size), 0) AS bytes FROM files WHERE user_id = ? AND state = 'unused'",
  );
  const giveUpUnused = database.prepare(
    "UPDATE files SET state = 'given up' WHERE state = 'unused' AND created_at < ?",
  );
  const dropUses = database
    .prepare<[string], string>("DELETE FROM file_uses WHERE conversation_id = ? RETURNING file_id")
    .pluck();
  const giveUp = database.prepare(
    "UPDATE files SET state = 'given up' WHERE file_id = ? AND NOT EXISTS (SELECT 1 FROM file_uses WHERE file_uses.file_id = files.file_id)",
  );
  const givenUp = database
    .prepare<[number], string>("SELECT file_id FROM files WHERE state = 'given up' LIMIT ?")
    .pluck();
  const forget = database.prepare("DELETE FROM files WHERE file_id = ? AND state = 'given up'");

  function unusedOf(userId: string): Unused {
    return unused.get(userId) ?? { files: 0, bytes: 0 };
  }

  function add({ file_id, userId, name, size, media_type, createdAt }: StoredFile, limit: UnusedLimit): boolean {
    const kept = unusedOf(userId);
    if (kept.files >= limit.files || kept.bytes + size > limit.bytes) return false;
    insert.run(file_id, userId, name, size, media_type, createdAt);
    return true;
  }

  return {
    async add(file, limit) {
      return await write(() => add(file, limit), { durable: true, lockTimeoutMs });
    },
    async of(userId, fileIds) {
      return fileIds.flatMap((fileId) => ofUser.get(fileId, userId) ?? []).map(fileOf);
    },
    async unused(userId) {
      return unusedOf(userId);
    },
    async giveUpUnused(before) {
      await write(() => giveUpUnused.run(before), { lockTimeoutMs: backgroundLockTimeoutMs });
    },
    async giveUp(fileId) {
      await write(() => giveUp.run(fileId), { lockTimeoutMs });
    },
    async giveUpOf(conversationId) {
      const drop = () => {
        for (const fileId of dropUses.all(conversationId)) giveUp.run(fileId);
      };
      await write(drop, { durable: true, lockTimeoutMs });
    },
    async givenUp(limit) {
      return givenUp.all(limit);
    },
    async forget(fileIds) {
      const drop = () => {
        for (const fileId of fileIds) forget.run(fileId);
      };
      await write(drop, { lockTimeoutMs: backgroundLockTimeoutMs });
    },
  };
}

function fileOf({ user_id, created_at, ...facts }: Row): StoredFile {
  return { ...facts, userId: user_id, createdAt: created_at };
}
