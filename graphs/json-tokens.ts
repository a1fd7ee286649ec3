/** A key without quotes, as JavaScript takes it. */
export const bareKey = /[\p{L}_$][\p{L}\p{N}_$-]*(?=\s{0,99}:)/uy;

/** A number or a constant, also of JavaScript or Python. */
export const literal =
  /-?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?(?![\w.])|(?:true|false|null|none|undefined|nan)(?!\w)/iy;

export function literalValue(word: string): number | boolean | null {
  if (/\d/.test(word)) return Number(word);
  const name = word.toLowerCase();
  return name === "true" || name === "false" ? name === "true" : null;
}

const blank = /\s/;

export function endOfBlanks(text: string, from: number): number {
  let end = from;
  for (let code = text.charCodeAt(end); code <= 32 || code > 127; code = text.charCodeAt(end)) {
    if (code > 127 && !blank.test(text[end] ?? "")) break;
    end += 1;
  }
  return end;
}

const backslash = 92;

export function isQuote(character: string): boolean {
  return character === '"' || character === "'";
}

/** The text of a string between its quotes. A backslash that escapes nothing stays. */
export function unescaped(raw: string): string {
  if (!raw.includes("\\")) return raw;
  const mended = raw.replace(/\\(?:["\\/bfnrt]|u[\da-f]{4})|\\'|[\\"\p{Cc}]/giu, (found) => {
    if (found === "\\'") return "'";
    if (found.length > 1) return found;
    return JSON.stringify(found).slice(1, -1);
  });
  return JSON.parse(`"${mended}"`);
}

/** Where the string that is open at `from` ends: at its closing quote, or behind the text. */
export function endOfString(text: string, from: number, quote: string): number {
  const closing = quote.charCodeAt(0);
  let end = from;
  for (let code = text.charCodeAt(end); code !== closing && end < text.length; ) {
    end += code === backslash ? 2 : 1;
    code = text.charCodeAt(end);
  }
  return end;
}
