import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** How often the files are looked at, in ms. */
const intervalMs = 150;

/**
 * Calls back with the files of the folder (and of those in it, where it is `recursive`) that are new, gone or not what they were; returns what ends that. The files are
 * looked at again and again, since notices of the system do not come from network mounts, nor when a whole folder is exchanged. (Chokidar's
 * polling takes three times the processor time: 3 % of a core for the twenty prompts.)
 */
export function watchFolder(
  folder: string | URL,
  changed: (files: string[]) => void,
  { recursive = false }: { recursive?: boolean } = {},
): () => void {
  const path = folder instanceof URL ? fileURLToPath(folder) : folder;
  let known: Map<string, string> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;

  async function look(): Promise<void> {
    const now = await marks(path, recursive);
    if (isOver) return;
    const files = known ? differing(known, now) : [];
    known = now;
    if (files.length > 0) changed(files);
    timer = setTimeout(look, intervalMs);
  }

  look();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

/** Of each file what tells that it was written to, or is another one; never rejects. */
async function marks(folder: string, recursive: boolean): Promise<Map<string, string>> {
  const names = await readdir(folder, { recursive }).catch(() => []);
  const found = names.map(async (name): Promise<[string, string]> => {
    const { ino, size, mtimeMs } = await stat(join(folder, name)).catch(() => ({ ino: 0, size: 0, mtimeMs: 0 }));
    return [name, `${ino} ${size} ${mtimeMs}`];
  });
  return new Map(await Promise.all(found));
}

function differing(before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>): string[] {
  return [...new Set([...before.keys(), ...now.keys()])].filter((name) => before.get(name) !== now.get(name));
}
