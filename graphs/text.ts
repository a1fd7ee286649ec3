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
