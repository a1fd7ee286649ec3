import { accessSync, constants, mkdirSync } from "node:fs";
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import type { FileFacts, Page } from "../../graphs/files.ts";
import { textOf } from "./plain-text.ts";

/** A file whose upload is not complete. */
export interface ArrivingFile {
  /** Where to write its bytes. */
  path: string;
  /** Syncs it to disk, with the text of its pages if it is a PDF. Nobody finds it before `settle`. */
  sync(pages?: readonly Page[]): Promise<void>;
  /** Makes it a file of the folder. */
  settle(): Promise<void>;
  drop(): Promise<void>;
}

/**
 * The bytes of the uploaded files. Each has a folder with its id as the name, which appears at once and whole, by a rename. Throws an Error
 * that names the setting if the folder cannot be written to.
 */
export function fileFolder(name: string) {
  const root = resolve(name);
  const incoming = join(root, "arriving");
  checkUsable(incoming);
  const pathOf = (fileId: string) => join(root, fileId, "bytes");
  const pagesOf = (fileId: string) => join(root, fileId, "pages.json");

  return {
    /** Prepares an upload. */
    async arriving(fileId: string): Promise<ArrivingFile> {
      const folder = join(incoming, fileId);
      await mkdir(folder, { mode: 0o700 });
      const path = join(folder, "bytes");
      return {
        path,
        async sync(pages) {
          if (pages) await writeFile(join(folder, "pages.json"), JSON.stringify(pages), { mode: 0o600, flush: true });
          await synced(path, "r+");
          await synced(folder);
        },
        async settle() {
          await rename(folder, join(root, fileId));
          await synced(root);
        },
        async drop() {
          await rm(folder, { recursive: true, force: true });
        },
      };
    },
    /** Opens a file for reading. Undefined if its bytes are gone. */
    async open(fileId: string): Promise<FileHandle | undefined> {
      return await open(pathOf(fileId)).catch(undefinedIfGone);
    },
    async bytes(fileId: string): Promise<Buffer> {
      return await readFile(pathOf(fileId));
    },
    /** The text of a file: of a PDF by pages, none of an image. */
    async pages({ file_id, media_type }: Pick<FileFacts, "file_id" | "media_type">): Promise<readonly Page[]> {
      if (media_type.startsWith("text/")) return [{ text: textOf(await readFile(pathOf(file_id))) }];
      if (media_type !== "application/pdf") return [];
      return JSON.parse(await readFile(pagesOf(file_id), "utf8"));
    },
    async remove(fileId: string): Promise<void> {
      await rm(join(root, fileId), { recursive: true, force: true });
    },
    /** Removes what is left of uploads that a crash interrupted before this time, in ms since the epoch. */
    async dropAbandoned(before: number): Promise<void> {
      for (const entry of await readdir(incoming)) {
        const path = join(incoming, entry);
        const found = await stat(path).catch(undefinedIfGone);
        if (found && found.mtimeMs < before) await rm(path, { recursive: true, force: true });
      }
    },
  };
}

export type FileFolder = ReturnType<typeof fileFolder>;

function checkUsable(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : error;
    throw new Error(`FILES_DIR: ${folder} cannot be written to (${code}).`, { cause: error });
  }
}

/** Windows can sync no folders, and only files that are open for writing. */
async function synced(path: string, flags = "r"): Promise<void> {
  if (flags === "r" && process.platform === "win32") return;
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function undefinedIfGone(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}
