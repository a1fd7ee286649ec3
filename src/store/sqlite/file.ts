import { chmodSync, closeSync, mkdirSync, openSync, realpathSync, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import Database from "better-sqlite3";

/** A database file that this process alone uses. */
export interface OwnFile {
  /** Without symbolic links. */
  path: string;
  unlock(): void;
}

/** Makes the file where it is missing, readable by its owner alone, and locks it. Throws an error that says what to do. */
export function ownFile(name: string): OwnFile {
  ownerOnly(name);
  const path = realpathSync(name);
  if (statSync(path).nlink > 1) {
    throw new Error(`${path} has another name (a hard link). SQLite would damage it under two names: remove one.`);
  }
  const lock = lockFor(path);
  return { path, unlock: () => lock.close() };
}

/** Makes the file before SQLite does, so that nobody else can read it for even a moment. */
function ownerOnly(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, "a", 0o600));
  chmodSync(path, 0o600);
}

/** Two processes would run each other's turns. The lock is the system's, so it ends with the process however that ends. */
function lockFor(path: string): Database.Database {
  ownerOnly(`${path}.lock`);
  const lock = new Database(`${path}.lock`, { timeout: 0 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    throw new Error(`Another process uses ${path}: is another server running?`, { cause: error });
  }
  return lock;
}

/** A check that rejects once the path no longer leads to the file it leads to now: that was moved, deleted or replaced. */
export function stillThere(path: string): () => Promise<void> {
  const { ino, dev } = statSync(path);
  return async () => {
    const found = await stat(path);
    if (found.ino !== ino || found.dev !== dev) throw new Error(`${path} is not the file it was.`);
  };
}
