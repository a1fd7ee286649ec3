/** A parsed prompt text: the texts, and the variables between them. */
export type Template = readonly (string | Variable)[];

interface Variable {
  variable: string;
}

/** What follows the opening braces of a tag: mustache's mark for anything but a variable, the name, and the closing braces. */
const restOfTag = /[ \t]{0,20}([#^/>&!]?)[ \t]{0,20}([^\s{}]{1,100})[ \t]{0,20}(\}{2,3})/y;

const identifier = /^[\p{L}_][\p{L}\p{N}_]*$/u;

/** Told of a fault: what is wrong, and the tag's offset and length in the text. */
type Report = (message: string, offset: number, length: number) => void;

/**
 * Parses a prompt's text: `{{name}}` is a variable if it is declared. Braces around anything else are part of the text, but what could be a
 * tag with a misspelt name, or a tag of another kind, is reported. `\{{` is the text `{{`, and `\\{{name}}` a backslash before a variable.
 */
export function parseTemplate(text: string, variables: readonly string[], firstLine: number, report: Report): Template {
  const parts: (string | Variable)[] = [];
  let done = 0;
  for (const { 0: opening, index } of text.matchAll(/\{{2,}/g)) {
    const isEscaped = text[index - 1] === "\\";
    if (isEscaped && text[index - 2] !== "\\") {
      parts.push(text.slice(done, index - 1));
      done = index;
      continue;
    }
    const start = index + opening.length - 2;
    restOfTag.lastIndex = start + 2;
    const [rest = "", mark = "", name = "", closing = ""] = restOfTag.exec(text) ?? [];
    const isOther = mark !== "" || (opening.length === 3 && closing.length === 3);
    const isDeclared = variables.includes(name);
    if (isDeclared && !isOther) {
      parts.push(text.slice(done, isEscaped ? index - 1 : start), { variable: name });
      done = start + rest.length + 4 - closing.length;
    } else if (isDeclared || (identifier.test(name) && text[index - 1] !== "$")) {
      const shown = `${opening}${rest}`;
      const fault = isOther
        ? `only plain variables such as {{name}} are allowed, not ${shown}`
        : unknown(name, variables);
      const line = firstLine + text.slice(0, index).split("\n").length - 1;
      report(`${fault}, in line ${line}; if it is meant literally, write \\${shown}`, index, shown.length);
    }
  }
  parts.push(text.slice(done));
  return parts;
}

export function variablesIn(template: Template): Set<string> {
  return new Set(template.flatMap((part) => (typeof part === "string" ? [] : [part.variable])));
}

/** A variable without a value is empty. */
export function renderTemplate(template: Template, values: Readonly<Record<string, string>>): string {
  return template.map((part) => (typeof part === "string" ? part : (values[part.variable] ?? ""))).join("");
}

function unknown(name: string, variables: readonly string[]): string {
  const shown = (variable: string) => `{{${variable}}}`;
  const [nearest] = variables.filter((variable) => isNear(name, variable));
  const known = variables.length === 0 ? "it has none" : `it has ${variables.map(shown).join(", ")}`;
  return `unknown variable ${shown(name)} (${nearest ? `did you mean ${shown(nearest)}?` : known})`;
}

/** True if a few slips of a typist turn one name into the other: letters that are missing, added, wrong or swapped. */
function isNear(one: string, other: string): boolean {
  const most = Math.max(1, Math.floor(other.length / 3));
  if (Math.abs(one.length - other.length) > most) return false;
  let [before, row] = [[] as number[], Array.from({ length: other.length + 1 }, (_, column) => column)];
  for (let at = 1; at <= one.length; at += 1) {
    const next = [at];
    for (let to = 1; to <= other.length; to += 1) {
      const isSame = one[at - 1] === other[to - 1];
      const isSwapped = one[at - 1] === other[to - 2] && one[at - 2] === other[to - 1];
      const costs = [(row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1, (row[to - 1] ?? 0) + (isSame ? 0 : 1)];
      if (isSwapped) costs.push((before[to - 2] ?? 0) + 1);
      next.push(Math.min(...costs));
    }
    [before, row] = [row, next];
  }
  return (row.at(-1) ?? 0) <= most;
}
