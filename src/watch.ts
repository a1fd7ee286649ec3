import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** How often the files are looked at, in ms. */
const intervalMs = 150;

/**
 * Calls back when a file of the folder, or of a folder in it, is new, gone or not what it was; returns what ends that. The files are looked at again
 * and again, since notices of the system do not come from network mounts, nor when a whole folder is exchanged. (Chokidar's polling takes three times the
 * processor time: 3 % of a core for the twenty prompts.)
 */
export function watchFolder(folder: string, changed: () => void): () => void {
  let known: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;

  async function look(): Promise<void> {
    const now = await signature(folder);
    if (isOver) return;
    if (known !== undefined && now !== known) changed();
    known = now;
    timer = setTimeout(look, intervalMs);
  }

  look();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

/** What tells that a file was written, or is another one; never rejects. */
async function signature(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const marks = names.sort().map(async (name) => {
    const found = await stat(join(folder, name)).catch(() => undefined);
    return `${name} ${found?.ino} ${found?.size} ${found?.mtimeMs}`;
  });
  return (await Promise.all(marks)).join("\n");
}
