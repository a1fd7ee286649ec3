import { dirname, join } from "node:path";

import type { Config } from "./config.ts";
import type { FileBytes } from "./files/bytes/file-bytes.ts";
import { fileFolder } from "./files/bytes/folder.ts";
import { sqlitePath } from "./settings/database-url.ts";
import type { Log } from "./telemetry/log.ts";

/** Opens the place of the uploaded files. Rejects with an Error that names the setting if it cannot be used. */
export async function openFiles({ FILES_URL, FILES_DIR, DATABASE_URL }: Config, log: Log): Promise<FileBytes> {
  if (FILES_URL) {
    if (FILES_DIR !== undefined)
      throw new Error("FILES_URL: FILES_DIR is set, too. Files are in one place: use one of them.");
    const { fileBucket } = await import("./files/bytes/bucket.ts"); // its library is large
    return await fileBucket(FILES_URL, log);
  }
  const database = sqlitePath(DATABASE_URL);
  const folder = FILES_DIR ?? join(database === undefined ? "data" : dirname(database), "files");
  if (database === undefined && FILES_DIR === undefined) {
    log.warn(
      { folder },
      "uploaded files are in a folder of this machine: set FILES_URL, or FILES_DIR, if other servers use the same database",
    );
  }
  return fileFolder(folder);
}
