import { accessSync, constants, mkdirSync } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import { textOf } from "../plain-text.ts";
import type { FileBytes } from "./file-bytes.ts";

/**
 * Files in a folder of this machine. Each has a folder with its id as the name, which appears at once and whole, by a rename. Throws an Error
 * that names the setting if the folder cannot be written to.
 */
export function fileFolder(name: string): FileBytes {
  const root = resolve(name);
  const incoming = join(root, "arriving");
  checkUsable(incoming);
  const pathOf = (fileId: string) => join(root, fileId, "bytes");

  return {
    async arriving(fileId) {
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
    async open(fileId) {
      const handle = await open(pathOf(fileId)).catch(undefinedIfGone);
      if (!handle) return undefined;
      const start = await handle.read(Buffer.alloc(2), 0, 2, 0).catch(async (error: unknown) => {
        await handle.close();
        throw error;
      });
      return {
        start: start.buffer.subarray(0, start.bytesRead),
        stream: () => handle.createReadStream({ autoClose: false, start: 0 }),
        close: () => handle.close(),
      };
    },
    async bytes(fileId) {
      return await readFile(pathOf(fileId));
    },
    async pages({ file_id, media_type }) {
      if (media_type.startsWith("text/")) return [{ text: textOf(await readFile(pathOf(file_id))) }];
      if (media_type !== "application/pdf") return [];
      return JSON.parse(await readFile(join(root, file_id, "pages.json"), "utf8"));
    },
    async remove(fileId) {
      await rm(join(root, fileId), { recursive: true, force: true });
    },
    async dropAbandoned(before) {
      for (const entry of await readdir(incoming)) {
        const path = join(incoming, entry);
        const found = await stat(path).catch(undefinedIfGone);
        if (found && found.mtimeMs < before) await rm(path, { recursive: true, force: true });
      }
    },
    async close() {},
  };
}

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
