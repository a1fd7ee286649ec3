import { isUtf8 } from "node:buffer";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

export const maxFileBytes = 65_536;

export function promptPath(folder: string, name: string): string {
  return join(folder, `${name}.md`);
}

/** A text without byte order mark, its lines ended by line feeds alone. */
export function plainText(text: string): string {
  return text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
}

/** The plain text of a prompt's file. Throws if it cannot be read; the error names the file and the problem. */
export function promptSource(folder: string, name: string): string {
  const bytes = promptBytes(folder, name);
  if (isUtf8(bytes)) return plainText(bytes.toString("utf8"));
  const found = isUtf16(bytes) ? "UTF-16" : `not UTF-8 (line ${badLine(bytes)})`;
  throw new Error(`${name}.md: the file is ${found}; save it with the encoding UTF-8`);
}

/** As `promptSource`, but with a guess at the text where the encoding is wrong, so that an editor can show it. Empty if there is no such file. */
export function editableSource(folder: string, name: string): string {
  try {
    const bytes = promptBytes(folder, name);
    const encoding = isUtf8(bytes) ? "utf-8" : isUtf16(bytes) ? "utf-16le" : "windows-1252";
    return plainText(new TextDecoder(encoding).decode(bytes));
  } catch {
    return "";
  }
}

function promptBytes(folder: string, name: string): Buffer {
  const path = promptPath(folder, name);
  try {
    const found = statSync(path);
    if (found.isFile() && found.size <= maxFileBytes) return readFileSync(path);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new Error(`${name}.md: ${isMissing ? "the file is missing" : "the file cannot be read"}`, { cause: error });
  }
  throw new Error(`${name}.md: expected a file of at most ${maxFileBytes} bytes`);
}

/** Windows PowerShell's `>` writes it, with this byte order mark. */
function isUtf16(bytes: Buffer): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xfe;
}

/** The first line with a byte that is not UTF-8. Lines end with a byte that is part of no other character, so each can be checked alone. */
function badLine(bytes: Buffer): number {
  let [line, start] = [1, 0];
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    if (!isUtf8(bytes.subarray(start, end))) return line;
    [line, start] = [line + 1, end + 1];
  }
  return line;
}
