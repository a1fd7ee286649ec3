import { createReadStream } from "node:fs";

/** Control characters that no text has. What terminals and man pages write is allowed: backspace, form feed, escape. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: Finding them is what it is for.
const binary = /[\0-\x07\x0e-\x1a\x1c-\x1f]/;

/** Whether a file is text: valid UTF-8, or UTF-16 with a byte order mark, from its beginning to its end. */
export async function isText(path: string): Promise<boolean> {
  let decoder: TextDecoder | undefined;
  try {
    for await (const chunk of createReadStream(path)) {
      decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true });
      if (binary.test(decoder.decode(chunk, { stream: true }))) return false;
    }
    decoder?.decode();
    return decoder !== undefined;
  } catch (error) {
    if (error instanceof TypeError) return false; // the decoder's
    throw error;
  }
}

/** The text of a file that is text, without its byte order mark. */
export function textOf(bytes: Buffer): string {
  return new TextDecoder(encodingOf(bytes)).decode(bytes);
}

function encodingOf(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
}
