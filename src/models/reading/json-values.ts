const open = 123;
const close = 125;
const quote = 34;
const backslash = 92;
const comma = 44;
const bracket = 91;

/** More objects in one event are not read. */
const maxValues = 1_000;

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
      if (end === -1 || values.length === maxValues) return undefined;
      const value = parsed(text.slice(at, end));
      if (value === undefined) return undefined;
      values.push(value);
      at = end;
    } else if (/[\s,]/.test(text.charAt(at))) at += 1;
    else return undefined;
  }
  return { values, isDone: false };
}

/** The index behind the object that begins at `from`; -1 if it does not end. */
function objectEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === quote) at = stringEnd(text, at);
    else if (unit === open) depth += 1;
    else if (unit === close) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}

/** A text of this length is parsed at once, whatever is in it. */
const shortUnits = 65_536;

/** A longer one may have this many values. A long answer is one string. */
const maxParts = 20_000;

/** Undefined if the text is not JSON, or if parsing it would take long. */
export function parsed(text: string): unknown {
  if (text.length > shortUnits && partsIn(text) > maxParts) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Roughly the number of values: commas and opening brackets outside of strings. Stops counting when there are too many. */
function partsIn(text: string): number {
  let parts = 0;
  for (let at = 0; at < text.length && parts <= maxParts; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === quote) at = stringEnd(text, at);
    else if (unit === comma || unit === open || unit === bracket) parts += 1;
  }
  return parts;
}

/** The index of the quotation mark that ends the string, or the text's length. */
function stringEnd(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length) {
    const unit = text.charCodeAt(at);
    if (unit === quote) return at;
    at += unit === backslash ? 2 : 1;
  }
  return at;
}
