import { chmodSync, closeSync, existsSync, mkdirSync, openSync, realpathSync, statSync } from "node:fs";
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
  checkRoot(name);
  createPrivate(name);
  const path = realpathSync(name);
  if (statSync(path).nlink > 1) {
    throw new Error(`${path} has a hard link. SQLite would corrupt the database under two names: remove one of them.`);
  }
  const lock = lockFor(path);
  return { path, unlock: () => lock.close() };
}

/** Refuses `sqlite:///data/x.db` if it was meant to be relative, as it is for some tools. */
function checkRoot(name: string): void {
  const [top = ""] = /^[\\/]+[^\\/]+(?=[\\/])/.exec(name) ?? [];
  if (top === "" || existsSync(top)) return;
  const relative = name.replace(/^[\\/]+/, "");
  throw new Error(
    `DATABASE_URL: there is no folder ${top}. For a path below the working folder, write sqlite:${relative}.`,
  );
}

/** Creates the file before SQLite does, so that other users can never read it. */
function createPrivate(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, "a", 0o600));
  } catch (error) {
    throw new Error(`DATABASE_URL: ${path} cannot be written to (${codeOf(error)}).`, { cause: error });
  }
  // Such as /dev/null, which the rest of the machine needs as it is.
  if (!statSync(path).isFile()) throw new Error(`DATABASE_URL: ${path} is not a regular file.`);
  try {
    chmodSync(path, 0o600);
  } catch (error) {
    if (!foreign.has(codeOf(error))) throw error;
  }
}

/** The file belongs to another user, or its file system has no modes. It can be written to, which is enough. */
const foreign = new Set(["EPERM", "ENOTSUP", "ENOSYS"]);

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

/** What SQLite says of a file that it cannot use, with the setting's name. */
export function unusable(path: string, error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const mayBeOwner = /^SQLITE_(?:CANTOPEN|READONLY)/.test(error.code);
  const hint = mayBeOwner ? " The server must be able to write to it, its folder, and its -wal and -shm files." : "";
  return new Error(`DATABASE_URL: ${path} cannot be used: ${error.message}.${hint}`, { cause: error });
}

/** Two servers on one database would run each other's turns. The operating system releases the lock even if the process crashes. */
export function lockFor(path: string): Database.Database {
  createPrivate(`${path}.lock`);
  const lock = new Database(`${path}.lock`, { timeout: 0 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    if (!codeOf(error).startsWith("SQLITE_BUSY")) throw unusable(`${path}.lock`, error);
    throw new Error(`${path} is in use by another process. Is another server running?`, { cause: error });
  }
  return lock;
}

/** Returns a check that rejects if the file was moved, deleted or replaced since this call. */
export function replacementCheck(path: string): () => Promise<void> {
  const { ino, dev } = statSync(path);
  return async () => {
    const found = await stat(path).catch(() => undefined);
    if (found?.ino === ino && found.dev === dev) return;
    const what = found ? "was replaced by another file" : "was moved or deleted";
    throw new Error(`${path} ${what}: the next start will not find what is stored now. Put it back, or restart.`);
  };
}
