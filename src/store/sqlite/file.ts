import { chmodSync, closeSync, mkdirSync, openSync, realpathSync, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import Database from "better-sqlite3";

/** A database file that is locked by this process. */
export interface LockedFile {
  /** With symbolic links resolved. */
  path: string;
  unlock(): void;
}

/** Creates the file if needed, readable by its owner only, and locks it. Throws an Error whose message says what to do. */
export function lockFile(name: string): LockedFile {
  createPrivate(name);
  const path = realpathSync(name);
  if (statSync(path).nlink > 1) {
    throw new Error(`${path} has a hard link. SQLite would corrupt the database under two names: remove one of them.`);
  }
  const lock = lockFor(path);
  return { path, unlock: () => lock.close() };
}

/** Creates the file before SQLite does, so that other users can never read it. */
function createPrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
}

/** Two servers on one database would run each other's turns. The operating system releases the lock even if the process crashes. */
function lockFor(path: string): Database.Database {
  createPrivate(`${path}.lock`);
  const lock = new Database(`${path}.lock`, { timeout: 0 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    throw new Error(`${path} is in use by another process. Is another server running?`, { cause: error });
  }
  return lock;
}

/** Returns a check that rejects if the file was moved, deleted or replaced since this call. */
export function replacementCheck(path: string): () => Promise<void> {
  const { ino, dev } = statSync(path);
  return async () => {
    const found = await stat(path);
    if (found.ino !== ino || found.dev !== dev) throw new Error(`${path} was replaced by another file.`);
  };
}
