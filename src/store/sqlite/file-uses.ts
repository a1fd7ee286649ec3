import type { Database } from "better-sqlite3";

/** Records that a message of a conversation came with files. Returns false if one of them is not the user's, or was given up. */
export function fileUses(
  database: Database,
): (turn: { conversationId: string; userId: string }, fileIds: readonly string[]) => boolean {
  const use = database.prepare(
    "UPDATE files SET state = 'used' WHERE file_id = ? AND user_id = ? AND state <> 'given up'",
  );
  const keep = database.prepare("INSERT OR IGNORE INTO file_uses (conversation_id, file_id) VALUES (?, ?)");
  return ({ conversationId, userId }, fileIds) =>
    fileIds.every((fileId) => {
      if (use.run(fileId, userId).changes === 0) return false;
      keep.run(conversationId, fileId);
      return true;
    });
}
