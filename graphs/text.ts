/** The beginning of a text, at most so many UTF-16 units, never ending between the two halves of a character. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const last = text.charCodeAt(most - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splitsPair ? most - 1 : most);
}

/** One line without surrounding space, at most so many UTF-16 units. */
export function oneLine(text: string, most: number): string {
  return cut(text.replace(/\s+/g, " ").trim(), most);
}

/** The texts that say something. */
export function filled(texts: readonly string[]): string[] {
  return texts.map((text) => text.trim()).filter(Boolean);
}

/** Every balanced `{…}` in a text that parses as JSON, outermost first; words and braces around them are passed over. */
export function* jsonObjects(text: string): Generator<unknown> {
  for (let start = text.indexOf("{"); start >= 0; ) {
    const end = endOfObject(text, start);
    const value = end < 0 ? undefined : parsed(text.slice(start, end));
    if (value !== undefined) yield value;
    start = text.indexOf("{", value === undefined ? start + 1 : end);
  }
}

/** Where the object that begins here ends; -1 when it does not. Braces inside of strings do not count. */
function endOfObject(text: string, start: number): number {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === "\\") at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{") depth += 1;
    else if (character === "}" && --depth === 0) return at + 1;
  }
  return -1;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
