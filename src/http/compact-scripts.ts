import { readFile, stat } from "node:fs/promises";

import { withoutIndentation } from "./indentation.ts";

/**
 * Reads a script and returns it as JavaScript without types, comments or indentation. Uses amaro, Node's own type stripper.
 * Results are cached until the file changes.
 */
export function compactScripts(): (path: string) => Promise<string> {
  const known = new Map<string, { savedAt: number; code: string }>();
  return async (path) => {
    const { mtimeMs } = await stat(path);
    const before = known.get(path);
    if (before?.savedAt === mtimeMs) return before.code;
    const { transformSync } = await import("amaro"); // takes 40 ms, which most processes can do without
    const { code } = transformSync(await readFile(path, "utf8"), { mode: "transform" });
    const made = { savedAt: mtimeMs, code: withoutIndentation(code) };
    known.set(path, made);
    return made.code;
  };
}
