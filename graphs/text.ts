/** Cuts a text to at most `limit` UTF-16 units, without splitting a surrogate pair. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splitsPair ? limit - 1 : limit);
}

/** Cuts a text to a number of UTF-8 bytes. A decoder in stream mode drops a character that is cut. */
export function cutToBytes(piece: string, bytes: number): string {
  if (piece.length * 3 <= bytes || Buffer.byteLength(piece) <= bytes) return piece;
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return piece.slice(0, decoder.decode(Buffer.from(piece).subarray(0, bytes), { stream: true }).length);
}

/** Collapses white space to single spaces, and cuts to at most `limit` UTF-16 units. */
export function oneLine(text: string, limit: number): string {
  return cut(text.replace(/\s+/g, " ").trim(), limit);
}

/** The trimmed texts, without the empty ones. */
export function nonEmpty(texts: readonly string[]): string[] {
  return texts.map((text) => text.trim()).filter(Boolean);
}

/** Every balanced `{…}` in a text that parses as JSON, outermost first. Other text around them is skipped. */
export function* jsonObjects(text: string): Generator<unknown> {
  for (let start = text.indexOf("{"); start >= 0; ) {
    const end = endOfObject(text, start);
    const value = end < 0 ? undefined : parsed(text.slice(start, end));
    if (value !== undefined) yield value;
    start = text.indexOf("{", value === undefined ? start + 1 : end);
  }
}

/** Index after the closing brace of the object that starts here, or -1. Braces inside strings do not count. */
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
