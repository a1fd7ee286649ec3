import { stat } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";

import { readingProblem, readText } from "../settings/text-file.ts";
import { entryExpected, keyOf } from "./api-keys.ts";

/** Writing a file takes several steps. It is read once it has not changed for this long. */
const settledMs = 50;

/** Then the file is read anyway. */
const maxTries = 20;

/**
 * Reads entries of API keys, one a line. Empty lines, and lines that begin with `#`, are skipped. Throws an Error that names the line, but not
 * what is in it.
 */
export function readKeyFile(path: string): string[] {
  const lines = textOf(path).split(/\r?\n/);
  const seen = new Set<string>();
  return lines.flatMap((text, index) => {
    const line = text.trim();
    if (line === "" || line.startsWith("#")) return [];
    const key = keyOf(line);
    if (key === undefined) throw new Error(`line ${index + 1}: ${entryExpected}`);
    if (seen.has(key)) throw new Error(`line ${index + 1}: this key is there twice`);
    seen.add(key);
    return [line];
  });
}

function textOf(path: string): string {
  try {
    return readText(path);
  } catch (error) {
    throw new Error(`cannot read ${path}: ${readingProblem(error)}`, { cause: error });
  }
}

/**
 * Tells whether a file has changed since it was last read. Resolves when the file is at rest. A file system that reports events is not
 * needed, so it works for mounted secrets, too.
 */
export function changes(path: string): { pending(): Promise<boolean> } {
  let seen: string | undefined;

  async function settled(first: string): Promise<string> {
    let last = first;
    for (let tries = 0; tries < maxTries; tries += 1) {
      await wait(settledMs, undefined, { ref: false });
      const now = await fingerprint(path);
      if (now === last) return now;
      last = now;
    }
    return last;
  }

  return {
    async pending() {
      const now = await fingerprint(path);
      if (now === seen) return false;
      seen = seen === undefined ? now : await settled(now);
      return true;
    },
  };
}

async function fingerprint(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(path);
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch {
    return "unreadable"; // reading the file will report why
  }
}
