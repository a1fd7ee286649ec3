import type { FileFacts } from "../../graphs/files.ts";

/** An uploaded file. Its bytes are elsewhere. */
export interface StoredFile extends FileFacts {
  userId: string;
  /** ISO 8601. */
  createdAt: string;
}

/** How much one user may keep in files that no message came with yet. */
export interface UnusedLimit {
  files: number;
  bytes: number;
}

/** What a user keeps in files that no message came with yet. */
export type Unused = UnusedLimit;

/**
 * Uploaded files: whose they are, and which conversations use them. `TurnStore.accept` records a use. A file that is no longer wanted is given
 * up: nobody finds it any more, and its row goes once its bytes are gone.
 */
export interface FileStore {
  /** Adds a file that no message came with yet; resolves once it is on disk. Returns false and writes nothing if it would exceed the limit. */
  add(file: StoredFile, limit: UnusedLimit): Promise<boolean>;
  /** Which of these files the user has, in the order of the ids. */
  of(userId: string, fileIds: readonly string[]): Promise<StoredFile[]>;
  unused(userId: string): Promise<Unused>;
  /** Gives up the files that no message came with, and that are older than this (ISO 8601). */
  giveUpUnused(before: string): Promise<void>;
  /** Gives up a file that no message came with: its bytes could not be stored. */
  giveUp(fileId: string): Promise<void>;
  /** A part of deleting a conversation: gives up the files that no other conversation uses. */
  giveUpOf(conversationId: string): Promise<void>;
  /** Ids of files that were given up. */
  givenUp(limit: number): Promise<string[]>;
  /** Forgets files that were given up: their bytes are gone. */
  forget(fileIds: readonly string[]): Promise<void>;
}
