export interface SentFrame {
  data: Buffer;
  isBinary: boolean;
}

/** The frames of a POST, at most `max`. Undefined marks a line that is not a frame. */
export function* framesOf(type: string | undefined, body: Buffer, max: number): Generator<SentFrame | undefined> {
  if (!type?.startsWith("application/x-ndjson")) {
    if (body.length > 0) yield { data: body, isBinary: false };
    return;
  }
  let count = 0;
  for (let start = 0; start < body.length && count < max; ) {
    const newline = body.indexOf("\n", start);
    const end = newline === -1 ? body.length : newline;
    const line = body.subarray(start, end);
    start = end + 1;
    if (isBlank(line)) continue;
    count += 1;
    yield frameOf(line);
  }
}

function isBlank(line: Buffer): boolean {
  return line.length < 100 && line.toString().trim() === "";
}

function frameOf(line: Buffer): SentFrame | undefined {
  if (line[0] === 0x5b || line[0] === 0x7b) return { data: line, isBinary: false }; // [ or {
  const base64 = line.toString().trim();
  return /^[A-Za-z0-9+/]*={0,2}$/.test(base64) ? { data: Buffer.from(base64, "base64"), isBinary: true } : undefined;
}
