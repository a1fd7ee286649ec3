import { readFile, stat } from "node:fs/promises";
import { transformSync } from "amaro";

/**
 * Reads scripts as browsers get them: JavaScript without types, comments and indentation, made by the code that Node itself
 * takes types away with. A file is made once for each time that it was saved. No text in them may go over several lines: it would lose its
 * indentation, too.
 */
export function compactScripts(): (path: string) => Promise<string> {
  const known = new Map<string, { savedAt: number; code: string }>();
  return async (path) => {
    const { mtimeMs } = await stat(path);
    const before = known.get(path);
    if (before?.savedAt === mtimeMs) return before.code;
    const { code } = transformSync(await readFile(path, "utf8"), { mode: "transform" });
    const isSafe = code.split("`").every((text, at) => at % 2 === 0 || !text.includes("\n"));
    if (!isSafe) throw new Error(`${path}: a template literal goes over several lines.`);
    const made = { savedAt: mtimeMs, code: code.replace(/^ +/gm, "") };
    known.set(path, made);
    return made.code;
  };
}
