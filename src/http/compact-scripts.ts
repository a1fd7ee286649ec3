import { readFile, stat } from "node:fs/promises";
import { transformSync } from "amaro";

import { splitTemplate } from "./template-literals.ts";

/**
 * Reads a script and returns it as JavaScript without types, comments or indentation. Uses amaro, Node's own type stripper.
 * Results are cached until the file changes. Rejects if a template literal spans several lines, since it would lose its
 * indentation; only `html` templates may, where indentation means nothing.
 */
export function compactScripts(): (path: string) => Promise<string> {
  const known = new Map<string, { savedAt: number; code: string }>();
  return async (path) => {
    const { mtimeMs } = await stat(path);
    const before = known.get(path);
    if (before?.savedAt === mtimeMs) return before.code;
    const { code } = transformSync(await readFile(path, "utf8"), { mode: "transform" });
    const split = splitTemplate(code);
    if (split) throw new Error(`${path}: only html templates may span several lines, unlike ${split}`);
    const made = { savedAt: mtimeMs, code: code.replace(/^ +/gm, "") };
    known.set(path, made);
    return made.code;
  };
}
