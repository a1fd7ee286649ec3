const open = 123;
const close = 125;
const quote = 34;
const backslash = 92;

/** What may stand between two values. */
const fillers = ["data:", "[DONE]"];

/** The JSON objects in a text that has nothing else but blanks, commas, `data:` and `[DONE]`; undefined if it is something else. */
export function jsonValues(text: string): { values: unknown[]; isDone: boolean } | undefined {
  const values: unknown[] = [];
  let at = 0;
  while (at < text.length) {
    const filler = fillers.find((each) => text.startsWith(each, at));
    if (filler === "[DONE]") return { values, isDone: true };
    if (filler) at += filler.length;
    else if (text.charCodeAt(at) === open) {
      const end = objectEnd(text, at);
      if (end === -1) return undefined;
      try {
        values.push(JSON.parse(text.slice(at, end)));
      } catch {
        return undefined;
      }
      at = end;
    } else if (/[\s,]/.test(text.charAt(at))) at += 1;
    else return undefined;
  }
  return { values, isDone: false };
}

/** The index behind the object that begins at `from`; -1 if it does not end. */
function objectEnd(text: string, from: number): number {
  let depth = 0;
  let isString = false;
  for (let at = from; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (isString) {
      if (unit === backslash) at += 1;
      else if (unit === quote) isString = false;
    } else if (unit === quote) isString = true;
    else if (unit === open) depth += 1;
    else if (unit === close) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}
