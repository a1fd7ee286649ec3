/** Strings, and the characters that matter. Regular expressions with quotes or braces in them have to escape these. */
const parts = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|[`{}]/g;
const inTemplate = /\\.|`|\$\{/gs;

/** The beginning of the first template literal that spans several lines and is not tagged `html`. Undefined if there is none. */
export function splitTemplate(code: string): string | undefined {
  /** What is open, from the outside in: a block, or a template from where it begins. */
  const open: ("block" | number)[] = [];
  const isSplit = (from: number, to: number) =>
    !code.slice(0, from).endsWith("html") && code.slice(from, to).includes("\n");
  let at = 0;
  while (at < code.length) {
    const inside = open.at(-1);
    const pattern = typeof inside === "number" ? inTemplate : parts;
    pattern.lastIndex = at;
    const found = pattern.exec(code);
    if (!found) return undefined;
    at = pattern.lastIndex;
    if (typeof inside === "number") {
      if (found[0] === "${") open.push("block");
      if (found[0] !== "`") continue;
      open.pop();
      if (isSplit(inside, at)) return code.slice(inside, inside + 40);
    } else if (found[0] === "`") open.push(found.index);
    else if (found[0] === "{") open.push("block");
    else if (found[0] === "}") open.pop();
  }
  return undefined;
}
