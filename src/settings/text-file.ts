import { readFileSync } from "node:fs";

/** Reads a text file as editors write it: UTF-8, or with a byte order mark UTF-8 or UTF-16. The mark is left out. */
export function readText(path: string | URL): string {
  const bytes = readFileSync(path);
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? "utf-16le" : "utf-8").decode(bytes);
}

/** Why a file could not be read, in a few words. */
export function readingProblem(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EISDIR") return "it is a folder";
  if (code === "EACCES" || code === "EPERM") return "the server may not read it";
  return error instanceof Error ? error.message : String(error);
}
