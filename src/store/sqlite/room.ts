import { rm, writeFile } from "node:fs/promises";

/** Enough for the longest answers, and for what SQLite keeps beside them. */
const bytes = Buffer.alloc(2 * 1_048_576);

/** Whether the disk has room beside a file: small writes may still succeed on one that is full. */
export async function hasRoomBeside(path: string): Promise<boolean> {
  const probe = `${path}-room`;
  try {
    await writeFile(probe, bytes, { mode: 0o600 });
    return true;
  } catch {
    return false;
  } finally {
    await rm(probe, { force: true }).catch(() => {});
  }
}
