/** Strings and regular expressions, which are skipped, and the characters that matter. A slash after a value divides. */
const parts =
  /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|(?<=(?:[(,=:[!&|?{};>]|\breturn)\s*)\/(?![*/])(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/|[`{}]/g;
const inTemplate = /\\.|`|\$\{/gs;

/** Indentation, after the end of a line. */
const indentation = /(?<=\n) +/g;

/**
 * A script without its indentation. Template literals keep theirs, except those tagged `html`, where it has no meaning. The script
 * must not have comments.
 */
export function withoutIndentation(code: string): string {
  /** What is open, from the outside in: a block, or a template. */
  const open: ("block" | "html" | "text")[] = [];
  let result = "";
  let at = 0;
  while (at < code.length) {
    const inside = open.at(-1);
    const pattern = inside === "html" || inside === "text" ? inTemplate : parts;
    pattern.lastIndex = at;
    const found = pattern.exec(code);
    const end = found ? pattern.lastIndex : code.length;
    const piece = code.slice(Math.max(0, at - 1), end); // with the character before, which may end a line
    result += inside === "text" ? code.slice(at, end) : piece.replace(indentation, "").slice(Math.min(at, 1));
    at = end;
    const mark = found?.[0];
    if (mark === "`" && (inside === "html" || inside === "text")) open.pop();
    else if (mark === "`") open.push(code.slice(0, end - 1).endsWith("html") ? "html" : "text");
    else if (mark === "{" || mark === "${") open.push("block");
    else if (mark === "}") open.pop();
  }
  return result;
}
